import { expect, test } from 'vitest'
import { refuse } from '../../errors/refusal.ts'
import type { Identity } from '../../pipeline/exchange.ts'
import { keptFields, meaningOf, type Owner, placeOf, readKey, sizeUp, targetHash } from './core.ts'

test.each([
  ['"8e03978e-40d5"', '8e03978e-40d5'],
  ['8e03978e-40d5', '8e03978e-40d5'],
  [' "a b" ', 'a b'],
  ['"a\\"b"', 'a"b'],
  ['"a";p=1', 'a'],
  ['a+b/c==', 'a+b/c=='],
  ['x'.repeat(255), 'x'.repeat(255)],
])('the key in %s is read', (field, key) => {
  expect(readKey(field)).toEqual({ kind: 'key', key })
})

test.each([
  [''],
  ['""'],
  ['"a", "b"'],
  ['a, b'],
  ['a b'],
  ['"a'],
  ['"a" b'],
  ['"ä"'],
  ['ä'],
  ['a"b'],
  ['x'.repeat(256)],
  [`"${'x'.repeat(256)}"`],
])('there is no key in %j', (field) => {
  expect(readKey(field)).toEqual({ kind: 'invalid' })
})

test('no field is told from one that holds no key', () => {
  expect(readKey(undefined)).toEqual({ kind: 'absent' })
})

function owner(
  subject: string | null,
  received: Owner['received'] = {},
  address: string | null = '192.0.2.1',
): Owner {
  const identity = subject === null ? null : ({ authority: 'key', subject } as Identity)
  return { identity, received, client: { address } }
}
const scope = { route: 'payments', salt: 's' }

test('a key is kept for a caller and a route', () => {
  const places = [
    placeOf('a', owner('ada'), scope),
    placeOf('a', owner('bob'), scope),
    placeOf('a', owner('ada'), { ...scope, route: 'refunds' }),
    placeOf('b', owner('ada'), scope),
    placeOf(
      'a',
      { ...owner('ada'), identity: { authority: 'jwt', subject: 'ada' } as Identity },
      scope,
    ),
    placeOf('a', owner(null), scope),
  ]
  expect(new Set(places.map(({ entry }) => entry)).size).toBe(places.length)
  expect(placeOf('a', owner('ada'), scope)).toEqual(places[0])
})

test('a verified caller keeps its keys, whatever its address and credentials are now', () => {
  const before = placeOf('a', owner('ada', { authorization: 'Bearer 1' }), scope)
  expect(placeOf('a', owner('ada', { authorization: 'Bearer 2' }, '192.0.2.9'), scope)).toEqual(
    before,
  )
})

test.each([
  ['address', owner(null, {}, '192.0.2.2')],
  ['no address', owner(null, {}, null)],
  ['authorization', owner(null, { authorization: 'Bearer x' })],
  ['cookie', owner(null, { cookie: 'sid=1' })],
  ['x-api-key', owner(null, { 'x-api-key': '1' })],
])('an anonymous caller with another %s has other keys', (_, other) => {
  expect(placeOf('a', other, scope).entry).not.toBe(placeOf('a', owner(null), scope).entry)
})

test('values that join to the same text are told apart', () => {
  const one = placeOf('a', owner(null, { authorization: 'x', cookie: '' }), scope)
  const other = placeOf('a', owner(null, { authorization: '', cookie: 'x' }), scope)
  expect(one.entry).not.toBe(other.entry)
})

test('keys that anonymous callers make up share 256 objects', () => {
  const objects = new Set(
    Array.from({ length: 3_000 }, (_, at) => placeOf(`k${at}`, owner(null), scope).object),
  )
  expect(objects.size).toBeLessThanOrEqual(256)
})

test('keys that a verified caller makes up share sixteen objects', () => {
  const objects = new Set(
    Array.from({ length: 500 }, (_, at) => placeOf(`k${at}`, owner('ada'), scope).object),
  )
  expect(objects.size).toBe(16)
})

test('names of objects and entries show nothing of caller or key', () => {
  const place = placeOf('secret-key', owner('ada@example.com'), scope)
  expect(`${place.object} ${place.entry}`).toMatch(/^k[0-9a-f]{32}\/[0-9a-f] [0-9a-f]{64}$/)
})

const target = {
  scheme: 'https',
  authority: 'api.example.com',
  host: 'api.example.com',
  port: '',
  path: '/a',
  query: '?x=1',
} as const

test.each([
  ['method', 'PATCH', target],
  ['path', 'POST', { ...target, path: '/b' }],
  ['query', 'POST', { ...target, query: '?x=2' }],
  ['host', 'POST', { ...target, host: 'b.example.com' }],
])('another %s is another request', (_, method, other) => {
  const known = targetHash({ method: 'POST', target })
  expect(targetHash({ method, target: other })).not.toBe(known)
})

const free = { fallback: null, onUnknown: 'free' } as const
const keep = { fallback: null, onUnknown: 'keep' } as const

test.each([
  [200, 'final', 'final'],
  [201, 'final', 'final'],
  [302, 'final', 'final'],
  [400, 'final', 'final'],
  [409, 'final', 'final'],
  [422, 'final', 'final'],
  [500, 'final', 'final'],
  [408, 'free', 'free'],
  [421, 'free', 'free'],
  [425, 'free', 'free'],
  [429, 'free', 'free'],
  [503, 'free', 'free'],
  [502, 'free', 'final'],
  [504, 'free', 'final'],
])('a %d of the service is %s, and %s where doubt is kept', (status, freed, kept) => {
  expect(meaningOf({ status }, free)).toBe(freed)
  expect(meaningOf({ status }, keep)).toBe(kept)
})

test.each([
  ['what the gateway did not send', refuse('BREAKER_OPEN', { unsent: true }), 'free'],
  [
    'a connection that was refused',
    refuse('UPSTREAM_UNREACHABLE', { failure: 'connect-failure' }),
    'free',
  ],
  ['a value that fits no path', refuse('PATH_VALUE_INVALID'), 'free'],
  ['a store that is away', refuse('STORE_UNAVAILABLE'), 'free'],
  ['a connection that was lost', refuse('UPSTREAM_UNREACHABLE', { failure: 'reset' }), 'unknown'],
  ['time that ran out', refuse('UPSTREAM_TIMEOUT', { failure: 'timeout' }), 'unknown'],
  ['a status of the network', refuse('UPSTREAM_UNREACHABLE', { upstreamStatus: 520 }), 'unknown'],
  ['a bug', refuse('INTERNAL_ERROR'), 'unknown'],
])('%s means %s for the key', (_, refusal, meaning) => {
  expect(meaningOf(refusal, keep)).toBe(meaning)
  expect(meaningOf(refusal, free)).toBe('free')
})

test('what answers in the place of the service is no outcome, unless it is another service', () => {
  expect(meaningOf({ status: 200 }, { ...keep, fallback: 'respond' })).toBe('unknown')
  expect(meaningOf({ status: 200 }, { ...keep, fallback: 'stale' })).toBe('unknown')
  expect(meaningOf({ status: 200 }, { ...keep, fallback: 'replica' })).toBe('final')
})

test('fields of the connection are not kept, nor those that it names', () => {
  const fields: [string, string][] = [
    ['connection', 'X-Hop, close'],
    ['content-length', '4'],
    ['content-type', 'text/plain'],
    ['set-cookie', 'a=1'],
    ['set-cookie', 'b=2'],
    ['transfer-encoding', 'chunked'],
    ['x-hop', '1'],
  ]
  expect(keptFields(fields)).toEqual([
    ['content-type', 'text/plain'],
    ['set-cookie', 'a=1'],
    ['set-cookie', 'b=2'],
  ])
})

test.each([
  [{ 'content-length': '10' }, 'kept'],
  [{ 'content-length': '11' }, 'stream'],
  [{}, 'unsized'],
  [{ 'content-length': 'x' }, 'unsized'],
  [{ 'content-type': 'text/event-stream; charset=utf-8', 'content-length': '1' }, 'stream'],
])('an answer with %j is %s', (headers, size) => {
  expect(sizeUp(new Headers(headers as Record<string, string>), 10)).toBe(size)
})
