import { expect, test } from 'vitest'
import { setUpAdmin } from '../../test/doubles/admin.ts'
import { descriptorSet, usersFile } from '../../test/doubles/descriptors.ts'
import { MemoryDocuments } from '../platform/memory/documents.ts'

const set = descriptorSet()

test('a set is put, listed, read and deleted', async () => {
  const { operate, documents } = setUpAdmin()
  const put = await operate('/descriptors/users', { method: 'PUT', body: set })
  expect([put.status, put.json]).toEqual([
    200,
    {
      name: 'users',
      version: expect.stringMatching(/^[0-9a-f]{16}$/),
      bytes: set.length,
      services: ['users.v1.Users'],
      serviceCount: 1,
      at: new Date(1_000_000).toISOString(),
      inForceWithinSeconds: 60,
    },
  ])
  expect((await documents.get('descriptors:users'))?.text).toBe(Buffer.from(set).toString('base64'))
  const { inForceWithinSeconds: _, ...stored } = put.json
  expect((await operate('/descriptors')).json).toEqual({ descriptors: [stored] })
  expect((await operate('/descriptors/users')).json).toMatchObject({
    services: [
      {
        name: 'users.v1.Users',
        methods: expect.arrayContaining([
          {
            name: 'GetUser',
            streams: 'none',
            http: ['GET /v1/users/{id}', 'GET /v1/{name=people/*}'],
          },
          { name: 'WatchUsers', streams: 'server', http: ['GET /v1/users:watch'] },
        ]),
      },
    ],
  })
  expect((await operate('/descriptors/users', { method: 'DELETE' })).status).toBe(200)
  expect((await operate('/descriptors')).json).toEqual({ descriptors: [] })
  expect((await operate('/descriptors/users', { method: 'DELETE' })).code).toBe(
    'DESCRIPTORS_UNKNOWN',
  )
  expect((await operate('/descriptors/users')).code).toBe('DESCRIPTORS_UNKNOWN')
})

test.each([
  ['nothing', new Uint8Array()],
  ['text', new TextEncoder().encode('syntax = "proto3";')],
  ['a set without what it imports', descriptorSet([usersFile()])],
])('%s is DESCRIPTORS_INVALID, and nothing is put', async (_what, body) => {
  const { operate } = setUpAdmin()
  const { status, code } = await operate('/descriptors/users', { method: 'PUT', body })
  expect([status, code]).toEqual([400, 'DESCRIPTORS_INVALID'])
  expect((await operate('/descriptors')).json).toEqual({ descriptors: [] })
})

test.each(['Users', '.x', 'a%2Fb', 'x'.repeat(64)])('the name %s is refused', async (name) => {
  const { operate } = setUpAdmin()
  const { code } = await operate(`/descriptors/${name}`, { method: 'PUT', body: set })
  expect(code).toBe('DESCRIPTORS_INVALID')
})

test('only an operator sees that there are any', async () => {
  const { send } = setUpAdmin()
  expect((await send('/descriptors')).code).toBe('ADMIN_TOKEN_INVALID')
  expect((await send('/descriptors/users', { method: 'PUT', body: set })).code).toBe(
    'ADMIN_TOKEN_INVALID',
  )
})

test('a store that fails is STORE_UNAVAILABLE', async () => {
  const { operate, ports } = setUpAdmin()
  const failing = new MemoryDocuments()
  failing.put = () => Promise.reject(new Error('down'))
  Object.assign(ports, { documents: failing })
  const { status, code } = await operate('/descriptors/users', { method: 'PUT', body: set })
  expect([status, code]).toEqual([503, 'STORE_UNAVAILABLE'])
})
