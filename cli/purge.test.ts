import { createServer } from 'node:http'
import { beforeEach, expect, test } from 'vitest'
import { bindCommand, operate } from '../test/doubles/operated.ts'

let asked: { target: string; authorization: string | undefined; body: unknown }[] = []
let answer: { status: number; json: object } = { status: 500, json: {} }
const server = createServer(async (request, response) => {
  const chunks: Buffer[] = []
  for await (const chunk of request) chunks.push(chunk as Buffer)
  const { authorization } = request.headers
  const target = `${request.method} ${request.url}`
  asked.push({ target, authorization, body: JSON.parse(Buffer.concat(chunks).toString()) })
  response.writeHead(answer.status)
  response.end(JSON.stringify(answer.json))
})

operate(server)
beforeEach(() => {
  asked = []
  answer = { status: 200, json: { generation: 7, inForceWithinSeconds: 90 } }
})

const run = bindCommand('purge')

test.each<[string[], object]>([
  [
    ['https://a.example/1', 'https://a.example/2'],
    { urls: ['https://a.example/1', 'https://a.example/2'] },
  ],
  [
    ['--prefix', 'https://a.example/p', '--tag', 'a', '--tag', 'b'],
    { prefixes: ['https://a.example/p'], tags: ['a', 'b'] },
  ],
  [['--route', 'users'], { routes: ['users'] }],
  [['--all'], { all: true }],
])('%j asks for %j and says when it is in force', async (args, body) => {
  const { code, out } = await run(...args)
  expect([code, out]).toEqual([0, 'purge 7 is in force everywhere within 90 seconds\n'])
  expect(asked).toEqual([{ target: 'POST /_gateway/purge', authorization: 'Bearer canary', body }])
})

test('what the gateway refuses is told with each problem, and exits 1', async () => {
  const problems = [{ pointer: '/urls/0', message: 'expected a URL' }]
  answer = { status: 422, json: { code: 'PURGE_INVALID', title: 'no', problems } }
  const { code, error } = await run('/products')
  expect(code).toBe(1)
  expect(error).toContain('/urls/0: expected a URL')
})

test.each([[[]], [['--tags', 'a']], [['--url', 'ftp://a.example', '--all']]])(
  'the command line purge %j is answered with the usage',
  async (args) => {
    const { code, error } = await run(...args)
    expect(code).toBe(2)
    expect(error).toContain('isogate purge')
    expect(asked).toEqual([])
  },
)
