import { expect, test } from 'vitest'
import { base64Of, descriptorSet, usersFile } from '../../../test/doubles/descriptors.ts'
import { environmentOf } from '../../../test/gateway.ts'
import { loadTable } from '../load.ts'

const targets = ['http://users.internal']
const users = {
  kind: 'grpc',
  targets,
  grpc: { descriptors: { base64: base64Of(descriptorSet()) } },
}

function problemsOf(upstream: object, route: object) {
  const table = {
    version: 1,
    upstreams: { users: upstream },
    routes: [{ name: 'users', match: { path: '/:id' }, upstream: 'users', ...route }],
  }
  const loaded = loadTable(JSON.stringify(table), environmentOf({}))
  return loaded.kind === 'loaded' ? [] : loaded.problems.map(({ pointer, code }) => [pointer, code])
}

const getUser = { service: 'users.v1.Users', method: 'GetUser' }

test('a route that fits its upstream has no problems', () => {
  expect(problemsOf(users, { grpc: { ...getUser, request: { id: '${params.id}' } } })).toEqual([])
  expect(
    problemsOf({ ...users, grpc: { descriptors: { store: 'users' } } }, { grpc: getUser }),
  ).toEqual([])
})

test.each([
  ['text that is no base64', '***'],
  ['a set that lacks imports', base64Of(descriptorSet([usersFile()]))],
])('%s is DESCRIPTORS_INVALID', (_what, base64) => {
  const pointer = '/upstreams/users/grpc/descriptors/base64'
  expect(problemsOf({ ...users, grpc: { descriptors: { base64 } } }, {})).toEqual([
    [pointer, 'DESCRIPTORS_INVALID'],
  ])
})

test.each([
  [{ ...getUser, service: 'users.v1.User' }, '/routes/0/grpc/service', 'PROCEDURE_UNKNOWN'],
  [{ ...getUser, method: 'GetUsr' }, '/routes/0/grpc/method', 'PROCEDURE_UNKNOWN'],
  [{ ...getUser, method: 'Upload' }, '/routes/0/grpc/method', 'PROCEDURE_STREAMS'],
])('%j is a problem at %s', (grpc, pointer, code) => {
  expect(problemsOf(users, { grpc })).toEqual([[pointer, code]])
})

test('a procedure needs an upstream of the kind', () => {
  expect(problemsOf({ targets }, { grpc: getUser })).toEqual([
    ['/routes/0/grpc', 'PROCEDURE_WITHOUT_UPSTREAM'],
  ])
})

test('a message that is no object is a problem', () => {
  expect(problemsOf(users, { grpc: { ...getUser, request: '${params.id}' } })).toEqual([
    ['/routes/0/grpc/request', 'VALUE_INVALID'],
  ])
})

test('a parameter that no path gives is told where the message reads it', () => {
  const request = { id: '${params.id}', address: { description: '${params.city}' } }
  expect(problemsOf(users, { grpc: { ...getUser, request } })).toEqual([
    ['/routes/0/grpc/request/address/description', 'PARAM_UNKNOWN'],
  ])
})

test('a template of the message that nobody knows is told where it stands', () => {
  const request = { address: { city: ['${parms.city}'] } }
  expect(problemsOf(users, { grpc: { ...getUser, request } })).toEqual([
    ['/routes/0/grpc/request/address/city/0', 'TEMPLATE_INVALID'],
  ])
})

test.each([
  [{ kind: 'grpc', targets }, '/upstreams/users/grpc'],
  [{ targets, grpc: users.grpc }, '/upstreams/users/kind'],
])('%j is refused: a kind and its key stand together', (upstream, pointer) => {
  expect(problemsOf(upstream, {}).map(([at]) => at)).toContain(pointer)
})
