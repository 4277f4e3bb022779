/** The stores of the cache on the real runtime: Cache API, KV, and the objects of fills and purges. */

import { abortAllDurableObjects, reset, runDurableObjectAlarm } from 'cloudflare:test'
import { afterEach, describe, expect, test } from 'vitest'
import { PurgeWatch, purgePolicies } from '../../src/cache/purge-watch.ts'
import { bindAnswers } from '../../src/platform/cloudflare/answer-stores.ts'
import { bindDocuments } from '../../src/platform/cloudflare/documents.ts'
import { edgeAnswers } from '../../src/platform/cloudflare/edge-answers.ts'
import { bindFillObjects } from '../../src/platform/cloudflare/fill-objects.ts'
import { bindGlobalAnswers } from '../../src/platform/cloudflare/global-answers.ts'
import { bindPurges } from '../../src/platform/cloudflare/purges.ts'
import { makeMemories } from '../../src/platform/memories.ts'
import { runtimeTimers } from '../../src/platform/timers.ts'
import { answersContract, bytesOf, headOf, textOf } from '../contracts/answers.ts'
import { fillsContract, tokenOf } from '../contracts/fills.ts'
import { streamOf } from '../doubles/streams.ts'
import { bindings } from './bindings.ts'

afterEach(() => reset())

const clock = { now: () => Date.now() }

function makeGlobal(kv: KVNamespace = bindings.KV, now: () => number = Date.now) {
  return bindGlobalAnswers({ kv, clock: { now }, memories: makeMemories() })
}

const url = (key: string) => `https://isogate.invalid/answers/${encodeURIComponent(key)}`

describe('answers in the Cache API', () => {
  answersContract(() => edgeAnswers)

  test('cookies are not kept, whatever was asked for', async () => {
    const head = headOf({
      fields: [
        ['set-cookie', 'a=1'],
        ['x-a', '1'],
      ],
    })
    await edgeAnswers.put('cookie', { head, body: streamOf('x') }, 60)
    expect(await edgeAnswers.get('cookie')).toMatchObject({ head: { fields: [['x-a', '1']] } })
    const kept = await caches.default.match(url('cookie'))
    expect(JSON.stringify([...(kept?.headers ?? [])])).not.toContain('a=1')
    await kept?.body?.cancel()
  })

  test('what another build has written is absent', async () => {
    const headers = { 'Cache-Control': 'max-age=60', 'isogate-answer': '{"form":2}' }
    await caches.default.put(url('other'), new Response('x', { headers }))
    expect(await edgeAnswers.get('other')).toBe('absent')
  })

  test('a head that is too long is refused, and its body called off', async () => {
    const head = headOf({ tags: ['x'.repeat(70_000)] })
    const body = streamOf('x')
    expect(await edgeAnswers.put('long', { head, body }, 60)).toBe('refused')
    expect((await body.getReader().read()).done).toBe(true)
  })

  test('an encoding is one of the stored response, so that the runtime takes it off once', async () => {
    const fields = [
      ['content-encoding', 'gzip'],
      ['etag', '"a"'],
    ] as const
    const answer = { head: headOf({ fields }), body: streamOf('x') }
    expect(await edgeAnswers.put('encoded', answer, 60)).toBe('stored')
    const kept = await caches.default.match(url('encoded'))
    expect(kept?.headers.get('content-encoding')).toBe('gzip')
    expect(kept?.headers.get('isogate-answer')).toContain('W/')
    await kept?.body?.cancel()
  })
})

describe('answers in KV', () => {
  const global = makeGlobal()
  answersContract(() => global)

  test('beside an answer stands when it ends and which purges were known, and no more', async () => {
    await makeGlobal().put('beside', { head: headOf(), body: streamOf('x') }, 90)
    const { metadata } = await bindings.KV.getWithMetadata<Record<string, number>>('answer:beside')
    expect(Object.keys(metadata ?? {})).toEqual(['until', 'generation'])
    expect(metadata?.generation).toBe(7)
    const [key] = (await bindings.KV.list({ prefix: 'answer:beside' })).keys
    expect(Math.abs((key?.expiration ?? 0) - Date.now() / 1_000 - 90)).toBeLessThan(3)
  })

  test('an answer is over at its own end, whatever KV still shows', async () => {
    let now = Date.now()
    const store = makeGlobal(bindings.KV, () => now)
    await store.put('ends', { head: headOf(), body: streamOf('x') }, 60)
    now += 59_999
    expect(await textOf(await store.get('ends'))).toBe('x')
    now += 1
    expect(await store.get('ends')).toBe('absent')
  })

  test('what is kept for less than a minute is refused', async () => {
    expect(await makeGlobal().put('short', { head: headOf(), body: streamOf('x') }, 59)).toBe(
      'refused',
    )
  })

  test('a key is written once in a minute', async () => {
    let now = Date.now()
    const store = makeGlobal(bindings.KV, () => now)
    const put = () => store.put('once', { head: headOf(), body: streamOf('x') }, 300)
    expect(await put()).toBe('stored')
    expect(await put()).toBe('refused')
    now += 60_000
    expect(await put()).toBe('stored')
  })

  test('a key is written again at once after a purge', async () => {
    const store = makeGlobal()
    const put = (generation: number) =>
      store.put('purged', { head: headOf({ generation }), body: streamOf('x') }, 300)
    expect([await put(7), await put(7), await put(8)]).toEqual(['stored', 'refused', 'stored'])
  })

  test('a body of known length is streamed, of unknown length read up to five mebibytes', async () => {
    const store = makeGlobal()
    const mebibyte = 'x'.repeat(1_048_576)
    const six = () => streamOf(...Array.from({ length: 6 }, () => mebibyte))
    const known = headOf({ length: 6 * 1_048_576 })
    expect(await store.put('known', { head: known, body: six() }, 60)).toBe('stored')
    expect((await textOf(await store.get('known')))?.length).toBe(6 * 1_048_576)
    expect(await store.put('unknown', { head: headOf(), body: six() }, 60)).toBe('refused')
    expect(await store.get('unknown')).toBe('absent')
  })

  test('a body that is not as long as it said is not kept', async () => {
    const store = makeGlobal()
    const head = headOf({ length: 10 })
    expect(await store.put('short-body', { head, body: streamOf('x') }, 60)).toBe('fault')
    expect(await store.get('short-body')).toBe('absent')
  })

  test('more than 25 MiB are refused', async () => {
    const head = headOf({ length: 25 * 1_048_576 })
    expect(await makeGlobal().put('huge', { head, body: streamOf('x') }, 60)).toBe('refused')
  })

  test('an answer whose body was decoded has a weak validator and no length', async () => {
    const fields = [
      ['content-encoding', 'gzip'],
      ['etag', '"a"'],
      ['content-length', '5'],
    ] as const
    const store = makeGlobal()
    await store.put('decoded', { head: headOf({ fields, length: 5 }), body: streamOf('hello') }, 60)
    expect(await store.get('decoded')).toMatchObject({
      head: {
        length: null,
        fields: [
          ['content-encoding', 'gzip'],
          ['etag', 'W/"a"'],
        ],
      },
    })
  })

  test.each(['', 'abc', '\u0000\u0000\u0000\u0002{}', '\u00ff\u00ff\u00ff\u00ff{}'])(
    'a value that is no answer is absent: %j',
    async (text) => {
      const bytes = Uint8Array.from(text, (character) => character.charCodeAt(0))
      const metadata = { until: Date.now() + 60_000, generation: 0 }
      await bindings.KV.put('answer:foreign', bytes, { metadata })
      expect(await makeGlobal().get('foreign')).toBe('absent')
    },
  )

  test('a KV that rejects is a fault, and one that is too busy refuses', async () => {
    const failing = (message: string) => {
      const fail = () => Promise.reject(new Error(message))
      const kv = { getWithMetadata: fail, put: fail, delete: fail } as unknown as KVNamespace
      return makeGlobal(kv)
    }
    const answer = () => ({ head: headOf(), body: streamOf('x') })
    const away = failing('KV failed: 503 Service Unavailable')
    expect(await away.get('a')).toBe('fault')
    expect(await away.put('a', answer(), 60)).toBe('fault')
    await away.delete('a')
    expect(await failing('KV PUT failed: 429 Too Many').put('a', answer(), 60)).toBe('refused')
  })
})

describe('fills in their objects', () => {
  const fills = bindFillObjects(bindings, runtimeTimers)
  fillsContract(() => ({ fills, until: (work) => work }))

  test('of a hundred at once one leads, and the others are handed its answer', async () => {
    const turns = Array.from({ length: 100 }, () => fills.begin('burst', 5_000))
    const lead = await Promise.race(turns)
    await fills.land('burst', tokenOf(lead), { head: headOf(), body: bytesOf('hello') })
    const kinds = (await Promise.all(turns)).map(({ kind }) => kind)
    expect(kinds.filter((kind) => kind === 'lead')).toHaveLength(1)
    expect(kinds.filter((kind) => kind === 'follow')).toHaveLength(99)
  })

  test('an object that was ended frees those who wait', async () => {
    await fills.begin('ended', 5_000)
    const follower = fills.begin('ended', 5_000)
    await new Promise((resolve) => setTimeout(resolve, 20))
    await abortAllDurableObjects()
    expect(await follower).toEqual({ kind: 'alone' })
    expect(await fills.begin('ended', 5_000)).toMatchObject({ kind: 'lead' })
  })
})

describe('purges', () => {
  function makeIsolate() {
    const watch = new PurgeWatch(purgePolicies.machine)
    const ports = {
      clock,
      timers: runtimeTimers,
      documents: bindDocuments(bindings.KV),
      defer: (work: Promise<unknown>) => void work,
    }
    const purges = bindPurges(bindings, watch, () => ports)
    const answers = bindAnswers({
      kv: bindings.KV,
      clock,
      memories: makeMemories(),
      watch,
      watchPorts: () => ports,
    })
    return { watch, purges, answers }
  }
  const subject = { generation: 1, url: 'https://a.example/x', route: 'r', tags: ['t'] }

  test('a purge has a number, is known at once where it was made, and elsewhere after a look', async () => {
    const [here, there] = [makeIsolate(), makeIsolate()]
    const generation = await here.purges.add({ tags: ['t'] })
    expect(here.purges.current(Date.now())).toMatchObject({ generation })
    expect(here.purges.current(Date.now()).isPurged(subject)).toBe(true)
    await there.purges.refresh()
    expect(there.purges.current(Date.now()).isPurged(subject)).toBe(true)
    expect(there.purges.current(Date.now()).isPurged({ ...subject, generation })).toBe(false)
  })

  test('numbers go up over a restart of the object', async () => {
    const { purges } = makeIsolate()
    const first = await purges.add({ routes: ['r'] })
    await abortAllDurableObjects()
    expect(await purges.add({ all: true })).toBeGreaterThan(first)
  })

  test('an isolate that just began knows of purges before it takes anything from a store', async () => {
    const old = makeIsolate()
    await edgeAnswers.put('cold', { head: headOf({ generation: 1 }), body: streamOf('x') }, 60)
    await old.purges.add({ urls: ['https://a.example/x'] })
    const cold = makeIsolate()
    expect(await cold.answers.edge.get('cold')).toMatchObject({ head: { generation: 1 } })
    expect(cold.purges.current(Date.now()).isPurged(subject)).toBe(true)
  })

  test('the object asks for no alarm while KV takes what it writes', async () => {
    await makeIsolate().purges.add({ all: true })
    expect(await runDurableObjectAlarm(bindings.PURGES.getByName('purges'))).toBe(false)
  })
})
