import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { setUpAdmin } from '../../test/doubles/admin.ts'
import { digestAtOnce, untilDone } from '../../test/doubles/turns.ts'
import { isWellFormed } from '../identity/keys/format.ts'
import { hashOfKey } from '../identity/keys/hash.ts'
import { lookUp, recall } from '../identity/keys/look-up.ts'

beforeEach(() => digestAtOnce())
afterEach(() => vi.restoreAllMocks())

/** The surface with a clock that goes on while a call waits. */
function setUp() {
  const { operate, clock, ...rest } = setUpAdmin()
  const call = (path: string, method = 'GET', body?: object | string) =>
    untilDone(
      clock,
      operate(path, {
        method,
        ...(body === undefined
          ? {}
          : { body: typeof body === 'string' ? body : JSON.stringify(body) }),
      }),
    )
  async function create(body: object = { consumer: 'shop' }) {
    const { status, json, headers } = await call('/keys', 'POST', body)
    return { status, json, headers, key: json.key as string, id: json.id as string }
  }
  return { ...rest, clock, call, create }
}

function pointersOf(json: Record<string, unknown>): readonly string[] {
  return (json.problems as { pointer: string }[]).map(({ pointer }) => pointer)
}

test('a key is made with what was asked, and shown once', async () => {
  const { create, call } = setUp()
  const made = await create({
    consumer: 'shop',
    env: 'test',
    plan: 'gold',
    scopes: ['read'],
    roles: ['reader'],
    permissions: ['orders:read'],
    metadata: { tier: 'a' },
    routes: ['users'],
    expiresInSeconds: 3_600,
    description: 'for the shop',
  })
  expect(made.status).toBe(201)
  expect(made.key).toMatch(/^isg_test_/)
  expect(isWellFormed(made.key)).toBe(true)
  expect(made.headers.get('location')).toBe(`/_gateway/keys/${made.id}`)
  expect(made.headers.get('cache-control')).toBe('no-store')
  const { json, text } = await call(`/keys/${made.id}`)
  expect(json).toEqual({
    id: made.id,
    prefix: `${made.key.slice(0, 13)}…`,
    consumer: 'shop',
    plan: 'gold',
    state: 'active',
    createdAt: '1970-01-01T00:16:40.000Z',
    expiresAt: '1970-01-01T01:16:40.000Z',
    revokedAt: null,
    replacedBy: null,
    graceUntil: null,
    scopes: ['read'],
    roles: ['reader'],
    permissions: ['orders:read'],
    metadata: { tier: 'a' },
    routes: ['users'],
    description: 'for the shop',
  })
  expect(text).not.toContain(made.key)
})

test('the store has the hash of the key, and the key nowhere', async () => {
  const { create, documents } = setUp()
  const { key, id } = await create()
  const hash = await hashOfKey(key)
  expect(documents.keys()).toEqual([`key-id:${id}`, `key:${hash}`])
  for (const name of documents.keys()) {
    expect(JSON.stringify(await documents.get(name))).not.toContain(key)
  }
})

test('the surface of keys is hidden from all but the operator', async () => {
  const { send } = setUpAdmin()
  for (const path of ['/keys', '/keys/0', '/keys/0/rotate']) {
    expect((await send(path)).code).toBe('ADMIN_TOKEN_INVALID')
    expect((await send(path, { method: 'POST', token: 'wrong' })).status).toBe(401)
  }
})

test.each([
  ['{', ['']],
  ['{"consumer":"a","consumer":"b"}', ['/consumer']],
  [{}, ['/consumer']],
  [{ consumer: '' }, ['/consumer']],
  [{ consumer: 'a b' }, ['/consumer']],
  [{ consumer: 'a', env: 'Live' }, ['/env']],
  [{ consumer: 'a', scopes: 'read' }, ['/scopes']],
  [{ consumer: 'a', routes: [] }, ['/routes']],
  [{ consumer: 'a', metadata: { a: 'grüße' } }, ['/metadata/a']],
  [{ consumer: 'a', expiresAt: 'tomorrow' }, ['/expiresAt']],
  [{ consumer: 'a', expiresAt: '1970-01-01T00:00:00Z' }, ['/expiresAt']],
  [{ consumer: 'a', expiresInSeconds: 5 }, ['/expiresInSeconds']],
  [
    { consumer: 'a', expiresInSeconds: 60, expiresAt: '2030-01-01T00:00:00Z' },
    ['/expiresInSeconds'],
  ],
  [{ plna: 'gold', scopes: [1] }, ['/plna', '/consumer', '/scopes/0']],
])('the body %j has problems at %j, and nothing is written', async (body, pointers) => {
  const { call, documents } = setUp()
  const { code, json } = await call('/keys', 'POST', body)
  expect(code).toBe('API_KEY_REQUEST_INVALID')
  expect([...pointersOf(json)].sort()).toEqual([...pointers].sort())
  expect(documents.keys()).toEqual([])
})

test('keys are listed oldest first, in pages, without the key', async () => {
  const { create, call, clock } = setUp()
  const ids: string[] = []
  for (let count = 0; count < 5; count++) {
    ids.push((await create()).id)
    await clock.advance(1)
  }
  const first = await call('/keys?limit=3')
  const second = await call(`/keys?limit=3&cursor=${encodeURIComponent(String(first.json.cursor))}`)
  const rows = [...(first.json.keys as { id: string }[]), ...(second.json.keys as { id: string }[])]
  expect(rows.map(({ id }) => id)).toEqual(ids)
  expect(second.json.cursor).toBeNull()
  expect(first.text).not.toMatch(/isg_live_[0-9A-Za-z]{5}/)
})

test('a list of one consumer has its keys alone', async () => {
  const { create, call } = setUp()
  await create({ consumer: 'other' })
  const { id } = await create({ consumer: 'shop' })
  const { json } = await call('/keys?consumer=shop')
  expect((json.keys as { id: string }[]).map((row) => row.id)).toEqual([id])
})

test.each(['0', '1001', 'x'])('a limit of %s is refused', async (limit) => {
  const { call } = setUp()
  expect((await call(`/keys?limit=${limit}`)).code).toBe('API_KEY_REQUEST_INVALID')
})

test('a rotation shows a new key with the same rights, and says until when the old one is taken', async () => {
  const { create, call, clock } = setUp()
  const old = await create({
    consumer: 'shop',
    env: 'test',
    scopes: ['read'],
    expiresInSeconds: 600,
  })
  await clock.advance(100_000)
  const { status, json } = await call(`/keys/${old.id}/rotate`, 'POST', { graceSeconds: 60 })
  expect(status).toBe(201)
  expect(json).toMatchObject({
    key: expect.stringMatching(/^isg_test_/),
    consumer: 'shop',
    scopes: ['read'],
    state: 'active',
    // As long a life as the old one had.
    expiresAt: '1970-01-01T00:28:20.000Z',
    replaced: { id: old.id, state: 'grace', graceUntil: '1970-01-01T00:19:20.000Z' },
  })
  expect(json.id).not.toBe(old.id)
  expect(json.key).not.toBe(old.key)
  expect((await call(`/keys/${old.id}`)).json).toMatchObject({
    state: 'grace',
    replacedBy: json.id,
  })
  await clock.advance(60_000)
  expect((await call(`/keys/${old.id}`)).json).toMatchObject({ state: 'replaced' })
})

test('a key that was replaced, revoked or has expired is not rotated', async () => {
  const { create, call, clock } = setUp()
  const replaced = await create()
  const { json } = await call(`/keys/${replaced.id}/rotate`, 'POST')
  const again = await call(`/keys/${replaced.id}/rotate`, 'POST')
  expect([again.code, again.json.replacedBy]).toEqual(['API_KEY_ENDED', json.id])
  const revoked = await create()
  await call(`/keys/${revoked.id}`, 'DELETE')
  expect((await call(`/keys/${revoked.id}/rotate`, 'POST')).code).toBe('API_KEY_ENDED')
  const expired = await create({ consumer: 'shop', expiresInSeconds: 60 })
  await clock.advance(60_000)
  expect((await call(`/keys/${expired.id}/rotate`, 'POST')).code).toBe('API_KEY_ENDED')
})

test('a revoked key stays in the list, says since when, and is gone after thirty days', async () => {
  const { create, call, clock, documents } = setUp()
  const { id } = await create()
  await clock.advance(5_000)
  const { status, json } = await call(`/keys/${id}`, 'DELETE')
  expect(status).toBe(200)
  expect(json).toMatchObject({
    state: 'revoked',
    revokedAt: '1970-01-01T00:16:45.000Z',
    inForceWithinSeconds: 30,
  })
  await clock.advance(86_400_000)
  expect((await call('/keys')).json.keys).toMatchObject([{ id, state: 'revoked' }])
  // A second time changes nothing of when it was.
  expect((await call(`/keys/${id}`, 'DELETE')).json.revokedAt).toBe(json.revokedAt)
  await clock.advance(29 * 86_400_000)
  expect(documents.keys()).toEqual([])
  expect((await call(`/keys/${id}`)).code).toBe('API_KEY_UNKNOWN')
})

test('what this isolate revoked it refuses at once, though it had the key in memory', async () => {
  const { create, call, ports } = setUp()
  const { key, id } = await create()
  await lookUp(key, 1_000, ports)
  expect(recall(key, ports)).toMatchObject({ kind: 'known', record: { revokedAt: null } })
  await call(`/keys/${id}`, 'DELETE')
  expect(recall(key, ports)).toMatchObject({ record: { revokedAt: expect.any(Number) } })
})

test.each(['0', 'x'.repeat(600), '0'.repeat(24), '../routes'])(
  'the id %s is that of no key',
  async (id) => {
    const { call } = setUp()
    expect((await call(`/keys/${encodeURIComponent(id)}`)).code).toBe('API_KEY_UNKNOWN')
    expect((await call(`/keys/${encodeURIComponent(id)}`, 'DELETE')).code).toBe('API_KEY_UNKNOWN')
  },
)

test('a key made a moment ago is revoked without a second write in the same second', async () => {
  const { create, call, clock, documents } = setUp()
  const times = new Map<string, number[]>()
  const put = documents.put.bind(documents)
  documents.put = (key, ...rest) => {
    times.set(key, [...(times.get(key) ?? []), clock.now()])
    return put(key, ...rest)
  }
  const { id } = await create()
  await call(`/keys/${id}`, 'DELETE')
  for (const [first = 0, second = 0] of times.values()) {
    expect(second - first).toBeGreaterThanOrEqual(1_000)
  }
  expect(times.size).toBe(2)
})

test('a write that KV refuses once is made again after a second', async () => {
  const { call, documents } = setUp()
  const put = documents.put.bind(documents)
  let refusals = 1
  documents.put = (...given) => (refusals-- > 0 ? Promise.reject(new Error('429')) : put(...given))
  expect((await call('/keys', 'POST', { consumer: 'shop' })).status).toBe(201)
})

test.each(['rejects', 'hangs'])(
  'a store that %s is 503 with Retry-After, and no key',
  async (how) => {
    const { create, call, documents } = setUp()
    const { id } = await create()
    const fail = () =>
      how === 'hangs' ? new Promise<never>(() => {}) : Promise.reject(new Error('KV failed'))
    documents.put = fail
    documents.list = fail
    const asked = [
      call('/keys', 'POST', { consumer: 'shop' }),
      call(`/keys/${id}/rotate`, 'POST'),
      call(`/keys/${id}`, 'DELETE'),
      call('/keys'),
    ]
    for (const { code, headers, text } of await Promise.all(asked)) {
      expect(code).toBe('STORE_UNAVAILABLE')
      expect(headers.get('retry-after')).toBe('1')
      expect(text).not.toContain('isg_')
    }
  },
)

test('a rotation that fails half way leaves the old key as it was and no other', async () => {
  const { create, call, documents } = setUp()
  const old = await create()
  const hash = await hashOfKey(old.key)
  const put = documents.put.bind(documents)
  documents.put = (key, ...rest) =>
    key === `key:${hash}` ? Promise.reject(new Error('KV failed')) : put(key, ...rest)
  expect((await call(`/keys/${old.id}/rotate`, 'POST')).code).toBe('STORE_UNAVAILABLE')
  expect(documents.keys()).toEqual([`key-id:${old.id}`, `key:${hash}`])
  expect((await call(`/keys/${old.id}`)).json).toMatchObject({ state: 'active' })
})

test('a rotation does not bring back a key whose record is an old copy', async () => {
  const { create, call, documents } = setUp()
  const { id, key } = await create()
  const name = `key:${await hashOfKey(key)}`
  const old = await documents.get(name)
  await call(`/keys/${id}`, 'DELETE')
  await documents.put(name, old!.text, {})
  // Another isolate, which wrote nothing itself.
  const other = setUpAdmin()
  for (const at of documents.keys()) {
    const { text, metadata } = (await documents.get(at))!
    await other.documents.put(at, text, metadata)
  }
  expect((await other.operate(`/keys/${id}/rotate`, { method: 'POST' })).code).toBe('API_KEY_ENDED')
})
