import { createServer } from 'node:http'
import { beforeEach, expect, test } from 'vitest'
import { bindCommand, operate } from '../test/doubles/operated.ts'

interface Asked {
  readonly target: string
  readonly authorization: string | undefined
  readonly body: unknown
}

let asked: Asked[] = []
let answers: { status: number; json: object }[] = []
const server = createServer(async (request, response) => {
  const chunks: Buffer[] = []
  for await (const chunk of request) chunks.push(chunk as Buffer)
  const text = Buffer.concat(chunks).toString()
  asked.push({
    target: `${request.method} ${request.url}`,
    authorization: request.headers.authorization,
    body: text === '' ? null : JSON.parse(text),
  })
  const { status, json } = answers.shift() ?? { status: 500, json: {} }
  response.writeHead(status, status === 302 ? { location: '/elsewhere' } : {})
  response.end(JSON.stringify(json))
})

operate(server)
beforeEach(() => {
  asked = []
  answers = []
})

const run = bindCommand('keys')

const row = {
  id: 'k1',
  prefix: 'isg_live_abcd…',
  consumer: 'shop',
  plan: null,
  state: 'active',
  createdAt: '2026-01-01T00:00:00.000Z',
  expiresAt: null,
  graceUntil: null,
}

test('create writes the key to stdout and nothing else, and sends what was asked', async () => {
  answers = [{ status: 201, json: { ...row, key: 'isg_live_secret' } }]
  const args = ['--plan', 'gold', '--scope', 'a', '--scope', 'b', '--route', 'users']
  const more = ['--metadata', 'tier=a=b', '--expires-in', '90d', '--description', 'why']
  const { code, out, error } = await run('create', '--consumer', 'shop', ...args, ...more)
  expect([code, out]).toEqual([0, 'isg_live_secret\n'])
  expect(error).toContain('k1')
  expect(error).not.toContain('isg_live_secret')
  expect(asked).toEqual([
    {
      target: 'POST /_gateway/keys',
      authorization: 'Bearer canary',
      body: {
        consumer: 'shop',
        plan: 'gold',
        scopes: ['a', 'b'],
        routes: ['users'],
        metadata: { tier: 'a=b' },
        expiresInSeconds: 7_776_000,
        description: 'why',
      },
    },
  ])
})

test('rotate writes the new key to stdout', async () => {
  const replaced = { ...row, graceUntil: '2026-01-02T00:00:00.000Z' }
  answers = [{ status: 201, json: { ...row, id: 'k2', key: 'isg_live_next', replaced } }]
  const { code, out, error } = await run('rotate', 'k1', '--grace', '12h')
  expect([code, out]).toEqual([0, 'isg_live_next\n'])
  expect(error).toContain('2026-01-02')
  expect(asked[0]).toMatchObject({
    target: 'POST /_gateway/keys/k1/rotate',
    body: { graceSeconds: 43_200 },
  })
})

test('revoke says within which time it is in force', async () => {
  answers = [{ status: 200, json: { ...row, inForceWithinSeconds: 120 } }]
  const { code, out, error } = await run('revoke', 'k1')
  expect([code, out]).toEqual([0, ''])
  expect(error).toContain('120 seconds')
  expect(asked[0]?.target).toBe('DELETE /_gateway/keys/k1')
})

test('list reads all pages', async () => {
  answers = [
    { status: 200, json: { keys: [row], cursor: 'next' } },
    { status: 200, json: { keys: [{ ...row, id: 'k2' }], cursor: null } },
  ]
  const { code, out } = await run('list', '--consumer', 'shop')
  expect(code).toBe(0)
  expect(out).toMatch(/^id +prefix/)
  expect(out.split('\n').map((line) => line.slice(0, 2))).toEqual(['id', 'k1', 'k2', ''])
  expect(asked.map(({ target }) => target)).toEqual([
    'GET /_gateway/keys?limit=1000&consumer=shop',
    'GET /_gateway/keys?limit=1000&consumer=shop&cursor=next',
  ])
})

test('what the gateway refuses is told with each problem, and exits 1', async () => {
  const problems = [{ pointer: '/consumer', message: 'expected a name' }]
  answers = [{ status: 422, json: { code: 'API_KEY_REQUEST_INVALID', title: 'no', problems } }]
  const { code, out, error } = await run('create', '--consumer', 'a b')
  expect([code, out]).toEqual([1, ''])
  expect(error).toContain('API_KEY_REQUEST_INVALID')
  expect(error).toContain('/consumer: expected a name')
})

test('a redirect is not followed: the token is for one host', async () => {
  answers = [{ status: 302, json: {} }]
  expect((await run('list')).code).toBe(1)
  expect(asked).toHaveLength(1)
})

test('a gateway that does not answer exits 1', async () => {
  const { code, error } = await run('list', '--url', 'http://127.0.0.1:1')
  expect(code).toBe(1)
  expect(error).not.toContain('canary')
})

test.each([
  [[]],
  [['make']],
  [['create']],
  [['create', 'shop']],
  [['create', '--consumer', 'a', '--expires-in', 'soon']],
  [['create', '--consumer', 'a', '--metadata', 'x']],
  [['rotate']],
  [['revoke', 'a', 'b']],
  [['list', '--url', 'ftp://a.example']],
  [['list', '--url', 'http://api.example.com']],
  [['list', '--token-env', 'NO_SUCH_VARIABLE']],
])('the command line keys %j is answered with the usage', async (args) => {
  const { code, error } = await run(...args)
  expect(code).toBe(2)
  expect(error).toContain('isogate keys create')
  expect(asked).toEqual([])
})
