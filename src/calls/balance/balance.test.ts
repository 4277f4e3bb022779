import { expect, test } from 'vitest'
import { makeCall } from '../../../test/call.ts'
import { type ExchangeParts, makeBindContext } from '../../../test/exchange.ts'
import { refuse } from '../../errors/refusal.ts'
import type { Answer } from '../../pipeline/exchange.ts'
import { makeMemories } from '../../platform/memories.ts'
import type { UpstreamOptions } from '../../upstreams/http/schema.ts'
import { makeTarget } from '../../upstreams/http/upstream.ts'
import { bindRespond } from '../../upstreams/respond/respond.ts'
import type { Call, Send } from '../call.ts'
import type { CallScope } from '../order.ts'
import { bindLink } from '../state/bind-link.ts'
import { bindBalance } from './balance.ts'

type Written = Omit<UpstreamOptions, 'targets'> & {
  readonly targets: readonly (string | { url: string; weight?: number; priority?: number })[]
}

function scopeOf(written: Written, secrets: Record<string, string> = {}): CallScope {
  const targets = written.targets.map((one, index) => {
    const { url, weight = 1, priority = 0 } = typeof one === 'string' ? { url: one } : one
    return makeTarget(url, { index, weight, priority, zone: null })
  })
  return {
    ...makeBindContext({ secrets }),
    upstream: () => {
      throw new Error('no other upstream in this test')
    },
    bindRespond,
    name: 'users',
    options: written as UpstreamOptions,
    targets,
  }
}

const ok = () => Promise.resolve(new Response('ok'))

/** A bound step, and what calls through it came to. */
function bind(written: Written, answer: (call: Call) => Promise<Answer> = ok, secrets = {}) {
  const memories = makeMemories()
  const scope = scopeOf(written, secrets)
  const send: Send = bindBalance(scope)?.(answer) ?? answer
  async function ask(parts: ExchangeParts = {}, tried: readonly string[] = []) {
    const call = makeCall({ memories, ...parts })
    if (tried.length > 0) call.tried = new Set(tried)
    const outcome = await send(call)
    return { call, outcome, index: call.target.index }
  }
  return { ask, scope, memories }
}

const three = ['http://a', 'http://b', 'http://c']
const out = refuse('UPSTREAM_UNREACHABLE', { failure: 'reset' })

test('a single target with nothing configured needs no step', () => {
  expect(bindBalance(scopeOf({ targets: ['http://a'] }))).toBeNull()
  expect(bindBalance(scopeOf({ targets: ['http://a'], slowStartSeconds: 30 }))).toBeNull()
})

test('calls take turns', async () => {
  const { ask } = bind({ targets: three })
  const picks = []
  for (let count = 0; count < 6; count += 1) picks.push((await ask()).index)
  expect([...picks.slice(0, 3)].sort()).toEqual([0, 1, 2])
  expect(picks.slice(3)).toEqual(picks.slice(0, 3))
})

test('a try goes past the targets that were tried', async () => {
  const { ask } = bind({ targets: three })
  for (let count = 0; count < 6; count += 1) {
    expect((await ask({}, ['http://a', 'http://c'])).index).toBe(1)
  }
})

test('a client keeps its target by the hash of its address', async () => {
  const { ask } = bind({ targets: three, balance: { hash: ['client.ip'] } })
  const pick = async (address: string) => (await ask({ client: { address } })).index
  const addresses = Array.from({ length: 30 }, (_, index) => `192.0.2.${index}`)
  const first = await Promise.all(addresses.map(pick))
  expect(await Promise.all(addresses.map(pick))).toEqual(first)
  expect(new Set(first).size).toBe(3)
})

test('a template in a hash reads the request', async () => {
  const { ask } = bind({ targets: three, balance: { hash: ['tenant-${header.x-tenant}'] } })
  const pick = async (tenant: string) => (await ask({ headers: { 'x-tenant': tenant } })).index
  const tenants = Array.from({ length: 30 }, (_, index) => `t${index}`)
  const picks = await Promise.all(tenants.map(pick))
  expect(new Set(picks).size).toBe(3)
  expect(await Promise.all(tenants.map(pick))).toEqual(picks)
})

test('while a call hangs its target gets no further ones', async () => {
  // Chance proposes the second target first.
  const hangs: Send = (call) => (call.target.index === 1 ? new Promise(() => {}) : ok())
  const { ask } = bind({ targets: ['http://a', 'http://b'], balance: 'least-requests' }, hangs)
  const first = ask()
  for (let count = 0; count < 6; count += 1) expect((await ask()).index).toBe(0)
  expect(await Promise.race([first, Promise.resolve('hanging')])).toBe('hanging')
})

test('a target that refuses at once is no fast one', async () => {
  const refuses: Send = (call) => (call.target.index === 1 ? Promise.resolve(out) : ok())
  const { ask } = bind({ targets: ['http://a', 'http://b'], balance: 'fastest' }, refuses)
  const picks = []
  for (let count = 0; count < 5; count += 1) picks.push((await ask()).index)
  expect(picks).toEqual([1, 0, 0, 0, 0])
})

function ejectAll({ scope, memories }: ReturnType<typeof bind>, urls: readonly string[]): void {
  const link = bindLink(scope)!.of(makeCall({ memories }))
  for (const url of urls) {
    link.locals.ejection.targets.set(url, {
      failuresInRow: 0,
      until: Number.MAX_SAFE_INTEGER,
      times: 1,
      ejectedAt: 0,
    })
  }
  link.locals.ejection.version += 1
}

test('an ejected target is not called', async () => {
  const bound = bind({ targets: three, ejection: {} })
  await bound.ask()
  ejectAll(bound, ['http://b'])
  const picks = []
  for (let count = 0; count < 6; count += 1) picks.push((await bound.ask()).index)
  expect(picks).not.toContain(1)
})

test('without a panic threshold a call is refused when no target is usable, and nothing was sent', async () => {
  const bound = bind({ targets: three, ejection: { maxPercent: 100 }, panicPercent: 0 })
  ejectAll(bound, three)
  const { outcome } = await bound.ask()
  expect(outcome).toMatchObject({ code: 'NO_HEALTHY_TARGET', unsent: true })
})

test('a single target may be ejected where all may be', async () => {
  const bound = bind({ targets: ['http://a'], ejection: { maxPercent: 100 }, panicPercent: 0 })
  ejectAll(bound, ['http://a'])
  expect((await bound.ask()).outcome).toMatchObject({ code: 'NO_HEALTHY_TARGET' })
})

const sticky = { cookie: 'to', secret: { secret: 'STICKY' }, ttlSeconds: 3600 }
const key = { STICKY: 'a secret of the operator' }

function cookieOf({ call }: { call: Call }): string | null {
  const edit = call.edits.find((one) => one.kind === 'add' && one.name === 'set-cookie')
  return edit?.kind === 'add' && typeof edit.value === 'string' ? edit.value : null
}

test('a client is told its target by a cookie, and stays with it', async () => {
  const { ask } = bind({ targets: three, sticky }, ok, key)
  const first = await ask()
  const text = cookieOf(first)
  expect(text).toMatch(/^to=[\w-]{22}; Path=\/; Max-Age=3600; HttpOnly; SameSite=Lax; Secure$/)
  const cookie = text!.split(';')[0]!
  for (let count = 0; count < 6; count += 1) {
    const again = await ask({ headers: { cookie } })
    expect(again.index).toBe(first.index)
    expect(cookieOf(again)).toBeNull()
  }
})

test('over plain HTTP the cookie is not marked as secure', async () => {
  const { ask } = bind({ targets: three, sticky }, ok, key)
  expect(cookieOf(await ask({ url: 'http://api.example.com/' }))).not.toContain('Secure')
})

test('a cookie that was signed with another secret is ignored, and replaced', async () => {
  const other = bind({ targets: three, sticky }, ok, { STICKY: 'another secret' })
  const forged = cookieOf(await other.ask())!.split(';')[0]!
  const { ask } = bind({ targets: three, sticky }, ok, key)
  const picks = new Set<number>()
  for (let count = 0; count < 3; count += 1) {
    const asked = await ask({ headers: { cookie: forged } })
    picks.add(asked.index)
    expect(cookieOf(asked)).not.toBeNull()
  }
  expect(picks.size).toBe(3)
})

test('a client whose target is ejected goes elsewhere, and gets another cookie', async () => {
  const bound = bind({ targets: three, sticky, ejection: {} }, ok, key)
  const first = await bound.ask()
  const cookie = cookieOf(first)!.split(';')[0]!
  ejectAll(bound, [three[first.index]!])
  const moved = await bound.ask({ headers: { cookie } })
  expect(moved.index).not.toBe(first.index)
  expect(cookieOf(moved)).not.toBeNull()
  expect(cookieOf(moved)).not.toContain(cookie)
})

test('a retry leaves the target of the cookie', async () => {
  const { ask } = bind({ targets: three, sticky }, ok, key)
  const first = await ask()
  const cookie = cookieOf(first)!.split(';')[0]!
  expect((await ask({ headers: { cookie } }, [three[first.index]!])).index).not.toBe(first.index)
})

test('nobody is bound to a target that fails', async () => {
  const { ask } = bind({ targets: three, sticky }, () => Promise.resolve(out), key)
  expect(cookieOf(await ask())).toBeNull()
  const fails = () => Promise.resolve(new Response(null, { status: 503 }))
  expect(cookieOf(await bind({ targets: three, sticky }, fails, key).ask())).toBeNull()
})

test.each([
  [{}, 'SECRET_MISSING'],
  [{ STICKY: ' ' }, 'SECRET_INVALID'],
])('a secret that is none is missed (%j)', (secrets, code) => {
  const context = makeBindContext({ secrets: secrets as Record<string, string> })
  bindBalance({ ...scopeOf({ targets: three, sticky }), ...context, name: 'users' })
  expect(context.missed).toEqual([[`${context.pointer}/sticky/secret`, code, 'STICKY']])
})

test('a target that a later table brings starts slowly, those of the first do not', async () => {
  const memories = makeMemories()
  const share = async (targets: readonly string[], now: number) => {
    const send = bindBalance(scopeOf({ targets, slowStartSeconds: 100 }))!(ok)
    const counts = [0, 0, 0]
    for (let count = 0; count < 210; count += 1) {
      const call = makeCall({ memories, now })
      await send(call)
      counts[call.target.index]! += 1
    }
    return counts
  }
  expect(await share(['http://a', 'http://b'], 1_000_000)).toEqual([105, 105, 0])
  expect(await share(three, 2_000_000)).toEqual([100, 100, 10])
})
