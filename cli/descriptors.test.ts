import { mkdtempSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { beforeEach, expect, test } from 'vitest'
import { bindCommand, operate } from '../test/doubles/operated.ts'

let asked: { target: string; body: readonly number[] }[] = []
let answer: { status: number; json: object } = { status: 500, json: {} }
const server = createServer(async (request, response) => {
  const chunks: Buffer[] = []
  for await (const chunk of request) chunks.push(chunk as Buffer)
  asked.push({ target: `${request.method} ${request.url}`, body: [...Buffer.concat(chunks)] })
  response.writeHead(answer.status)
  response.end(JSON.stringify(answer.json))
})

operate(server)
beforeEach(() => {
  asked = []
})

const run = bindCommand('descriptors')

test('the bytes of a file are put under a name', async () => {
  const file = join(mkdtempSync(join(tmpdir(), 'isogate-')), 'users.binpb')
  writeFileSync(file, Uint8Array.from([10, 0, 255]))
  answer = { status: 200, json: { serviceCount: 2, bytes: 3, inForceWithinSeconds: 60 } }
  const { code, error } = await run('put', 'users', file)
  expect([code, asked]).toEqual([
    0,
    [{ target: 'PUT /_gateway/descriptors/users', body: [10, 0, 255] }],
  ])
  expect(error).toContain('2 services')
})

test('sets are listed a line each', async () => {
  const set = { name: 'users', bytes: 9, at: 'then', services: ['a.B'], serviceCount: 3 }
  answer = { status: 200, json: { descriptors: [set] } }
  expect(await run('list')).toMatchObject({
    code: 0,
    out: 'users  9 bytes  then  a.B and 2 more\n',
  })
})

test('a set is deleted by its name, and what the gateway refuses exits 1', async () => {
  answer = { status: 200, json: { name: 'users', inForceWithinSeconds: 60 } }
  expect((await run('delete', 'users')).code).toBe(0)
  expect(asked).toMatchObject([{ target: 'DELETE /_gateway/descriptors/users' }])
  answer = { status: 404, json: { code: 'DESCRIPTORS_UNKNOWN' } }
  expect(await run('delete', 'others')).toMatchObject({ code: 1 })
})

test.each([[[]], [['send']], [['put', 'users']], [['put', 'users', '/nowhere/x']], [['delete']]])(
  '%j is wrong usage',
  async (args) => {
    expect((await run(...args)).code).toBe(2)
    expect(asked).toEqual([])
  },
)
