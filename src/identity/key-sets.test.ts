import { beforeAll, expect, test } from 'vitest'
import {
  makeIssuer,
  makeNetwork,
  makeResponses,
  type TestIssuer,
} from '../../test/doubles/issuer.ts'
import { makeMemories } from '../platform/memories.ts'
import { MemoryClock } from '../platform/memory/clock.ts'
import { bindDiscoveredKeys, bindRemoteKeys, bindTableKeys, importKeySet } from './key-sets.ts'

const URL = 'https://id.example.com/keys'
const START = 1_000_000

let first: TestIssuer
let second: TestIssuer
beforeAll(async () => {
  first = await makeIssuer('ES256', 'first')
  second = await makeIssuer('ES256', 'second')
})

/** A source of keys whose answer can be changed, and a request of one isolate. */
function setUp(answer: () => unknown) {
  const clock = new MemoryClock(START)
  const deferred: Promise<unknown>[] = []
  const network = makeNetwork({ [URL]: answer })
  const responses = makeResponses()
  const makePorts = (memories = makeMemories()) => ({
    clock,
    timers: clock,
    network,
    responses,
    memories,
    defer: (work: Promise<unknown>) => void deferred.push(work),
  })
  return { clock, network, responses, makePorts, ports: makePorts(), find: bindRemoteKeys(URL) }
}

const wanted = (kid: string | undefined = 'first', alg = 'ES256') => ({ alg, kid })
const set = (...issuers: TestIssuer[]) => ({ keys: issuers.map(({ jwk }) => jwk) })

test('a set is fetched once and serves until its time is over', async () => {
  const { clock, network, ports, find } = setUp(() => set(first))
  expect(await find(ports, wanted())).toMatchObject({
    kind: 'found',
    freshUntil: START + 600_000,
  })
  clock.set(START + 599_999)
  expect(await find(ports, wanted())).toMatchObject({ kind: 'found' })
  expect(network.urls).toHaveLength(1)
  clock.set(START + 600_000)
  expect(await find(ports, wanted())).toMatchObject({ freshUntil: START + 1_200_000 })
  expect(network.urls).toHaveLength(2)
})

test.each([
  ['max-age=900', 900],
  ['public, max-age=15', 60],
  ['max-age=86400', 3_600],
  ['no-store', 60],
  ['private, s-maxage=5', 600],
])('Cache-Control %j lets a set live for %i seconds', async (control, seconds) => {
  const answer = () => Response.json(set(first), { headers: { 'cache-control': control } })
  const { ports, find } = setUp(answer)
  expect(await find(ports, wanted())).toMatchObject({ freshUntil: START + seconds * 1000 })
})

test('an unknown kid fetches again at once, and then not before the cool-down is over', async () => {
  let keys = set(first)
  const { clock, network, ports, find } = setUp(() => keys)
  await find(ports, wanted('first'))
  keys = set(first, second)
  expect(await find(ports, wanted('second'))).toMatchObject({ kind: 'found' })
  expect(network.urls).toHaveLength(2)
  expect(await find(ports, wanted('third'))).toEqual({ kind: 'unknown' })
  clock.set(START + 29_999)
  expect(await find(ports, wanted('third'))).toEqual({ kind: 'unknown' })
  expect(network.urls).toHaveLength(2)
  clock.set(START + 30_000)
  expect(await find(ports, wanted('third'))).toEqual({ kind: 'unknown' })
  expect(network.urls).toHaveLength(3)
})

test('a set that was fetched for this very token is not fetched twice for it', async () => {
  const { network, ports, find } = setUp(() => set(first))
  expect(await find(ports, wanted('second'))).toEqual({ kind: 'unknown' })
  expect(network.urls).toHaveLength(1)
})

test('an unknown kid while the source is down is unavailable, and known ones still verify', async () => {
  let isDown = false
  const { clock, ports, find } = setUp(() => (isDown ? undefined : set(first)))
  await find(ports, wanted())
  isDown = true
  clock.set(START + 1)
  expect(await find(ports, wanted('second'))).toMatchObject({ kind: 'unavailable' })
  expect(await find(ports, wanted('second'))).toMatchObject({ kind: 'unavailable' })
  expect(await find(ports, wanted('first'))).toMatchObject({ kind: 'found' })
  isDown = false
  clock.set(START + 5_001)
  expect(await find(ports, wanted('second'))).toEqual({ kind: 'unknown' })
})

test.each([
  ['nothing answers', () => undefined],
  ['a 500', () => new Response('no', { status: 500 })],
  ['a redirect', () => new Response(null, { status: 302, headers: { location: 'https://e.x' } })],
  ['HTML', () => new Response('<html>')],
  ['no set', () => ({ keys: 'none' })],
  ['an empty set', () => ({ keys: [] })],
  ['null', () => null],
  ['too much', () => new Response(' '.repeat(300_000))],
  ['bytes that are no UTF-8', () => new Response(new Uint8Array([0x22, 0xff, 0x22]))],
])('where there is %s and nothing is held, keys are unavailable', async (_, answer) => {
  const { network, ports, find } = setUp(answer)
  const unavailable = { kind: 'unavailable', retryAfterSeconds: 5 }
  expect(await find(ports, wanted())).toEqual(unavailable)
  expect(await find(ports, wanted())).toEqual(unavailable)
  expect(network.urls).toHaveLength(1)
})

test('a source that is down is asked again after five seconds', async () => {
  let keys: unknown
  const { clock, ports, find } = setUp(() => keys)
  await find(ports, wanted())
  keys = set(first)
  clock.set(START + 4_999)
  expect(await find(ports, wanted())).toMatchObject({ kind: 'unavailable' })
  clock.set(START + 5_000)
  expect(await find(ports, wanted())).toMatchObject({ kind: 'found' })
})

test('an old set serves for a day while its source is down, and no longer', async () => {
  let keys: unknown = set(first)
  const { clock, ports, find } = setUp(() => keys)
  await find(ports, wanted())
  keys = undefined
  clock.set(START + 600_000)
  expect(await find(ports, wanted())).toMatchObject({ kind: 'found' })
  clock.set(START + 86_399_999)
  expect(await find(ports, wanted())).toMatchObject({ kind: 'found' })
  await clock.advance(0)
  clock.set(START + 86_400_000 + 5_000)
  expect(await find(ports, wanted())).toMatchObject({ kind: 'unavailable' })
})

test('once a source was down, no request waits for it while an old set serves', async () => {
  let keys: unknown = set(first)
  const { clock, network, ports, find } = setUp(() => keys)
  await find(ports, wanted())
  keys = undefined
  clock.set(START + 600_000)
  await find(ports, wanted())
  keys = new Promise(() => {})
  clock.set(START + 605_000)
  expect(await find(ports, wanted())).toMatchObject({ kind: 'found' })
  expect(network.urls).toHaveLength(3)
})

test('a source that hangs is given up after three seconds', async () => {
  const { clock, ports, find } = setUp(() => new Promise(() => {}))
  const found = find(ports, wanted())
  expect(await clock.until(found)).toMatchObject({ kind: 'unavailable' })
  expect(clock.now() - START).toBeLessThanOrEqual(5_050)
})

test('another isolate finds the set at its location, with the age that it has', async () => {
  const { clock, network, makePorts, ports, find } = setUp(() => set(first))
  await find(ports, wanted())
  clock.set(START + 100_000)
  expect(await find(makePorts(), wanted())).toMatchObject({
    kind: 'found',
    freshUntil: START + 600_000,
  })
  expect(network.urls).toHaveLength(1)
})

test('an isolate that starts while the source is down takes the old set of its location', async () => {
  let keys: unknown = set(first)
  const { clock, makePorts, ports, find } = setUp(() => keys)
  await find(ports, wanted())
  keys = undefined
  clock.set(START + 3_600_000)
  expect(await find(makePorts(), wanted())).toMatchObject({ kind: 'found' })
})

test.each(['{', 'null', '5', '{"json":{}}'])(
  'what stands at the location as %j is no set, and the source is asked',
  async (text) => {
    const { ports, responses, find } = setUp(() => set(first))
    responses.texts.set(`identity key-set ${URL}`, text)
    expect(await find(ports, wanted())).toMatchObject({ kind: 'found' })
  },
)

test('requests that come at once share one fetch', async () => {
  const { network, ports, find } = setUp(() => set(first))
  const all = await Promise.all(Array.from({ length: 20 }, () => find(ports, wanted())))
  expect(all.every(({ kind }) => kind === 'found')).toBe(true)
  expect(network.urls).toHaveLength(1)
})

/**
 * The trap of a shared promise: when the request that began the fetch ends, what waits on it is rejected by the
 * runtime, or never settles. Either way the others must not fail with it, and nothing may stay stuck.
 */
test.each(['rejected', 'never settled'])(
  'followers of a leader whose request ends, its promise %s, get the keys themselves',
  async (how) => {
    let calls = 0
    let end = () => {}
    const dying = new Promise((_, reject) => {
      end = () => reject(new Error('created by a request that has since ended'))
    })
    const { clock, network, makePorts, find } = setUp(() => (calls++ === 0 ? dying : set(first)))
    const memories = makeMemories()
    // The leader waits at its location, whose promise is the leader's own.
    const leaderPorts = {
      ...makePorts(memories),
      responses: { get: () => dying as Promise<null>, put: async () => {} },
    }
    const leader = find(leaderPorts, wanted())
    const followers = Promise.all([1, 2].map(() => find(makePorts(memories), wanted())))
    if (how === 'rejected') end()
    calls = 1
    const outcome = await clock.until(Promise.all([leader, followers]))
    expect(network.urls.length).toBeLessThanOrEqual(1)
    clock.set(clock.now() + 5_000)
    expect(await clock.until(find(makePorts(memories), wanted()))).toMatchObject({ kind: 'found' })
    if (how === 'rejected') expect(outcome[1]).toMatchObject([{ kind: 'found' }, { kind: 'found' }])
  },
)

test('keys are discovered from the issuer, and both documents are kept', async () => {
  const issuer = 'https://id.example.com/tenant/'
  const network = makeNetwork({
    'https://id.example.com/tenant/.well-known/openid-configuration': { issuer, jwks_uri: URL },
    [URL]: set(first),
  })
  const ports = { ...setUp(() => undefined).ports, network }
  const find = bindDiscoveredKeys(issuer)
  expect(await find(ports, wanted())).toMatchObject({ kind: 'found' })
  expect(await find(ports, wanted())).toMatchObject({ kind: 'found' })
  expect(network.urls).toHaveLength(2)
})

test('metadata that cannot be had makes the keys unavailable', async () => {
  const ports = { ...setUp(() => undefined).ports, network: makeNetwork({}) }
  expect(await bindDiscoveredKeys('https://id.example.com')(ports, wanted())).toMatchObject({
    kind: 'unavailable',
  })
})

test('a token without kid may be of any key of its algorithm', async () => {
  const { ports } = setUp(() => undefined)
  const rsa = await makeIssuer('RS256', 'rsa')
  const find = bindTableKeys(set(first, second, rsa))
  expect(await find(ports, { alg: 'ES256', kid: undefined })).toMatchObject({
    keys: [{ type: 'public' }, { type: 'public' }],
  })
  expect(await find(ports, { alg: 'RS256', kid: undefined })).toMatchObject({ keys: [{}] })
  expect(await find(ports, { alg: 'HS256', kid: undefined })).toEqual({ kind: 'unknown' })
})

test('a key serves no other algorithm than the one that it names', async () => {
  const { jwk } = await makeIssuer('RS256', 'rsa')
  const algorithms = async (key: object) =>
    (await importKeySet({ keys: [key] }))?.map(({ alg }) => alg)
  expect(await algorithms(jwk)).toEqual(['RS256'])
  const { alg: _, ...open } = jwk
  expect(await algorithms(open)).toEqual(['RS256', 'RS384', 'RS512', 'PS256', 'PS384', 'PS512'])
  expect(await algorithms({ ...jwk, alg: 'ES256' })).toBeUndefined()
  expect(await algorithms({ ...jwk, alg: 'HS256' })).toBeUndefined()
})

test.each([
  ['an encryption key', { use: 'enc' }],
  ['a key that does not verify', { key_ops: ['encrypt'] }],
  ['a private key', { d: 'AAAA' }],
  ['a secret key', { kty: 'oct', k: 'c2VjcmV0', alg: 'HS256' }],
  ['a broken key', { x: 'AAAA' }],
])('%s is no part of a set, and takes no other with it', async (_, change) => {
  const keys = [{ ...first.jwk, kid: 'bad', ...change }, second.jwk]
  expect((await importKeySet({ keys }))?.map(({ kid }) => kid)).toEqual(['second'])
})
