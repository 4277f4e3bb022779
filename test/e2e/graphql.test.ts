/** REST in front of a real GraphQL server (graphql-yoga), on real workerd. */
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { createGraphQLError, createSchema, createYoga } from 'graphql-yoga'
import { beforeAll, expect, test } from 'vitest'
import { ask } from './client.ts'
import { atEnd, type Gateway, startGateway } from './harness.ts'

const typeDefs = /* GraphQL */ `
  enum Role { ADMIN READER }
  input NewUser { name: String!, role: Role = READER }
  type User { id: ID!, name: String!, role: Role!, secret: String, orders(first: Int = 2): [Int!]! }
  type Query { user(id: ID!): User, users(ids: [ID!]!): [User]!, me: User! }
  type Mutation { create(user: NewUser!): User! }
`
const names: Readonly<Record<string, string>> = { '1': 'Ann', '2': 'Bo' }
const userOf = (id: string) =>
  names[id] === undefined ? null : { id, name: names[id], role: 'READER' }
const fail = (message: string, code: string) =>
  createGraphQLError(message, { extensions: { code } })

const yoga = createYoga({
  logging: false,
  schema: createSchema({
    typeDefs,
    resolvers: {
      Query: {
        user: (_: unknown, { id }: { id: string }) => userOf(id),
        users: (_: unknown, { ids }: { ids: string[] }) => ids.map(userOf),
        me: () => {
          throw fail('Sign in first.', 'UNAUTHENTICATED')
        },
      },
      User: {
        orders: (_: unknown, { first }: { first: number }) => [11, 12, 13].slice(0, first),
        secret: () => {
          throw fail('Not yours.', 'FORBIDDEN')
        },
      },
      Mutation: {
        create: (_: unknown, { user }: { user: { name: string; role: string } }) => ({
          id: '9',
          ...user,
        }),
      },
    },
  }),
})

let gateway: Gateway

beforeAll(async () => {
  const server = createServer((request, response) => void yoga(request, response))
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  atEnd(() => {
    server.closeAllConnections()
    server.close()
  })
  const { port } = server.address() as AddressInfo
  const route = (name: string, path: string, graphql: object, method = 'GET') => ({
    name,
    match: { path, methods: [method] },
    upstream: 'shop',
    graphql,
  })
  const user = 'query User($id: ID!, $first: Int) { user(id: $id) { name orders(first: $first) } }'
  gateway = await startGateway({
    routes: {
      version: 1,
      upstreams: { shop: { kind: 'graphql', targets: [`http://127.0.0.1:${port}`] } },
      routes: [
        route('user', '/users/:id', { query: user, result: 'user', nullIs404: true }),
        route('by-get', '/by-get/:id', { query: user, method: 'GET' }),
        route('persisted', '/persisted/:id', { query: user, persisted: true }),
        route('users', '/users', {
          query: 'query ($ids: [ID!]!) { users(ids: $ids) { name } }',
          result: '[users.name]',
        }),
        route('me', '/me', { query: '{ me { name } }' }),
        route('secret', '/secrets/:id', {
          query: 'query ($id: ID!) { user(id: $id) { name secret } }',
          result: 'user',
        }),
        route('wrong', '/wrong', { query: '{ nothing }' }),
        route(
          'create',
          '/users',
          {
            query: 'mutation Create($user: NewUser!) { create(user: $user) { id name role } }',
            body: 'user',
            result: 'create',
          },
          'POST',
        ),
        { name: 'pass', match: { path: '/graphql' }, upstream: 'shop' },
      ],
    },
  })
})

const json = { 'content-type': 'application/json' }

async function get(path: string) {
  const { status, body } = await ask(gateway.url, { path })
  return [status, JSON.parse(body)] as [number, Record<string, unknown>]
}

test('path and query give variables, and data is the answer', async () => {
  expect(await get('/users/1?first=1')).toEqual([200, { name: 'Ann', orders: [11] }])
  expect(await get('/users?ids=1&ids=2&ids=3')).toEqual([200, ['Ann', 'Bo']])
  expect(await get('/by-get/2')).toEqual([200, { user: { name: 'Bo', orders: [11, 12] } }])
})

test('what does not exist is 404, and a value that does not fit 400', async () => {
  expect(await get('/users/7')).toMatchObject([404, { code: 'GRAPHQL_NOT_FOUND' }])
  expect(await get('/users/1?first=x')).toMatchObject([
    400,
    { code: 'GRAPHQL_VARIABLE_INVALID', variable: 'first' },
  ])
})

test('errors become statuses, data beside them is a partial answer', async () => {
  const unauthenticated = { message: 'Sign in first.', path: ['me'], code: 'UNAUTHENTICATED' }
  expect(await get('/me')).toMatchObject([
    401,
    { code: 'GRAPHQL_FAILED', errors: [unauthenticated] },
  ])
  expect(await get('/secrets/1')).toEqual([
    200,
    {
      name: 'Ann',
      secret: null,
      errors: [{ message: 'Not yours.', path: ['user', 'secret'], code: 'FORBIDDEN' }],
    },
  ])
  expect(await get('/wrong')).toMatchObject([502, { code: 'GRAPHQL_FAILED' }])
})

test('a body is the input of a mutation', async () => {
  const sent = {
    method: 'POST',
    path: '/users',
    headers: json,
    body: '{"name":"Cy","role":"ADMIN"}',
  }
  const { status, body } = await ask(gateway.url, sent)
  expect([status, body]).toEqual([200, '{"id":"9","name":"Cy","role":"ADMIN"}'])
  const wrong = await ask(gateway.url, { ...sent, body: '{"role":"GOD"}' })
  expect(JSON.parse(wrong.body)).toMatchObject({ status: 400, code: 'GRAPHQL_FAILED' })
})

test('a service without persisted queries is asked with the document', async () => {
  expect(await get('/persisted/1')).toEqual([200, { user: { name: 'Ann', orders: [11, 12] } }])
})

test('a route without an operation passes GraphQL through', async () => {
  const sent = {
    method: 'POST',
    path: '/graphql',
    headers: json,
    body: '{"query":"{ me { name } }"}',
  }
  const { body } = await ask(gateway.url, sent)
  expect(JSON.parse(body)).toMatchObject({ errors: [{ message: 'Sign in first.' }] })
})
