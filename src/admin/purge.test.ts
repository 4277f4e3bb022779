import { expect, test } from 'vitest'
import { setUpAdmin } from '../../test/doubles/admin.ts'
import type { Purge } from '../cache/answer.ts'

function setUp() {
  const { operate, send, ports, clock } = setUpAdmin()
  const added: Purge[] = []
  const owner = { isAway: false }
  const purges = {
    async add(purge: Purge) {
      if (owner.isAway) throw new Error('away')
      return added.push(purge)
    },
  }
  Object.assign(ports, { purges })
  const purge = (body: unknown) =>
    operate('/purge', {
      method: 'POST',
      body: typeof body === 'string' ? body : JSON.stringify(body),
    })
  return { purge, added, owner, send, operate, clock }
}

test.each<[string, object, Purge]>([
  [
    'URLs',
    { urls: ['https://API.example.com:443/%7Ea/./b?x=1'] },
    { urls: ['https://api.example.com/~a/b?x=1'] },
  ],
  [
    'a host alone as prefix',
    { prefixes: ['https://a.example'] },
    { prefixes: ['https://a.example/'] },
  ],
  [
    'a prefix, however it is written',
    { prefixes: ['https://a.example/%7Ea/./b%2D'] },
    { prefixes: ['https://a.example/~a/b-'] },
  ],
  ['tags and routes', { tags: ['t:1'], routes: ['users'] }, { tags: ['t:1'], routes: ['users'] }],
  ['everything', { all: true }, { all: true }],
])('%s are purged, and it is said when that is in force', async (_, body, purge) => {
  const { purge: ask, added } = setUp()
  const { status, json } = await ask(body)
  expect(status).toBe(200)
  expect(json).toEqual({
    generation: 1,
    inForceWithinSeconds: 1,
    inForceAt: '1970-01-01T00:16:41.000Z',
  })
  expect(added).toEqual([purge])
})

test.each<[unknown, string[]]>([
  [{}, ['']],
  [[], ['']],
  ['', ['']],
  ['{"urls":', ['/urls']],
  [{ urls: [] }, ['/urls']],
  [{ urls: ['/products'] }, ['/urls/0']],
  [
    { urls: ['https://a.example/#x', 'ftp://a.example/', 'https://u@a.example/'] },
    ['/urls/0', '/urls/1', '/urls/2'],
  ],
  [{ prefixes: 'https://a.example/' }, ['/prefixes']],
  [{ tags: ['a', 'b c', 'd,e', ''] }, ['/tags/1', '/tags/2', '/tags/3']],
  [{ routes: ['Users'] }, ['/routes/0']],
  [{ all: false }, ['/all']],
  [{ all: true, tags: ['a'] }, ['/all']],
  [{ everything: true }, ['', '/everything']],
])('%j is refused with every problem at its place', async (body, pointers) => {
  const { purge, added } = setUp()
  const { status, code, json } = await purge(body)
  expect([status, code]).toEqual([422, 'PURGE_INVALID'])
  const problems = json.problems as { pointer: string }[]
  expect(problems.map(({ pointer }) => pointer).sort()).toEqual(pointers)
  expect(added).toEqual([])
})

test('a list of more than a thousand names is refused', async () => {
  const { purge } = setUp()
  const tags = Array.from({ length: 1_001 }, (_, index) => `t${index}`)
  expect(await purge({ tags })).toMatchObject({ code: 'PURGE_INVALID' })
})

test('a purge of which nobody can say when it is in force is no success', async () => {
  const { purge, owner } = setUp()
  owner.isAway = true
  const { status, code, headers } = await purge({ all: true })
  expect([status, code, headers.get('retry-after')]).toEqual([503, 'STORE_UNAVAILABLE', '5'])
})

test('only an operator purges, by POST', async () => {
  const { send, operate, added } = setUp()
  const body = '{"all":true}'
  expect((await send('/purge', { method: 'POST', body })).status).toBe(401)
  expect((await operate('/purge')).status).toBe(405)
  expect(added).toEqual([])
})
