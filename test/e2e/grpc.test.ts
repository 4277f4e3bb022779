/** Plain HTTP, gRPC-Web and Connect in front of a real server of Connect and gRPC-Web, on real workerd. */
import {
  create,
  createFileRegistry,
  type DescMessage,
  type DescService,
  fromBinary,
} from '@bufbuild/protobuf'
import { FileDescriptorSetSchema } from '@bufbuild/protobuf/wkt'
import { Code, ConnectError, createClient, type ServiceImpl } from '@connectrpc/connect'
import {
  connectNodeAdapter,
  createConnectTransport,
  createGrpcWebTransport,
} from '@connectrpc/connect-node'
import { beforeAll, expect, test } from 'vitest'
import { base64Of, descriptorSet } from '../doubles/descriptors.ts'
import { ask } from './client.ts'
import { type Gateway, type Origin, startGateway, startOrigin } from './harness.ts'

const set = descriptorSet()
const registry = createFileRegistry(fromBinary(FileDescriptorSetSchema, set))
const users = registry.getService('users.v1.Users') as DescService
const user = registry.getMessage('users.v1.User') as DescMessage
const errorInfo = registry.getMessage('google.rpc.ErrorInfo') as DescMessage

type Fields = Readonly<Record<string, unknown>>

const makeUser = (fields: Fields) => create(user, fields as never)

/** Messages of a set that is read here have no types of their own. */
const service = {
  getUser(request: Fields) {
    if (request.id === 'nobody') {
      throw new ConnectError('there is no such user', Code.NotFound, undefined, [
        { desc: errorInfo, value: { reason: 'GONE' } as never },
      ])
    }
    return makeUser({ id: request.id, displayName: 'Ann', credits: 9007199254740993n })
  },
  async *watchUsers(request: Fields) {
    yield makeUser({ id: '1' })
    yield makeUser({ id: '2' })
    if (request.strict) throw new ConnectError('stopped', Code.Aborted)
  },
} as unknown as ServiceImpl<DescService>

const protocols = ['connect', 'grpc-web'] as const
let origin: Origin
let gateway: Gateway

beforeAll(async () => {
  origin = await startOrigin(
    connectNodeAdapter({ routes: (router) => void router.service(users, service) }),
  )
  const upstream = (protocol: string, descriptors: object) => ({
    kind: 'grpc',
    targets: [origin.url],
    timeoutMs: 5_000,
    grpc: { protocol, descriptors },
  })
  gateway = await startGateway({
    vars: { ADMIN_TOKEN: 'operator' },
    routes: {
      version: 1,
      upstreams: {
        connect: upstream('connect', { store: 'users' }),
        'grpc-web': upstream('grpc-web', { base64: base64Of(set) }),
      },
      routes: protocols.map((name) => ({
        name,
        match: { path: '/*', headers: name === 'connect' ? {} : { 'x-protocol': name } },
        policies: [{ use: 'grpc-web' }],
        upstream: name,
      })),
    },
  })
  const put = await fetch(`${gateway.url}/_gateway/descriptors/users`, {
    method: 'PUT',
    headers: { authorization: 'Bearer operator' },
    body: set,
  })
  expect(put.status).toBe(200)
})

function askBy(protocol: string, path: string) {
  return ask(gateway.url, { path, headers: { 'x-protocol': protocol } })
}

test.each(protocols)('a GET is a call over %s', async (protocol) => {
  const { status, body } = await askBy(protocol, '/v1/users/7')
  expect([status, JSON.parse(body)]).toEqual([
    200,
    { id: '7', displayName: 'Ann', credits: '9007199254740993' },
  ])
})

test.each(protocols)(
  'an error of the service over %s has its status and details',
  async (protocol) => {
    const { status, body } = await askBy(protocol, '/v1/users/nobody')
    expect([status, JSON.parse(body)]).toMatchObject([
      404,
      {
        code: 'RPC_FAILED',
        grpcStatus: 'NOT_FOUND',
        grpcMessage: 'there is no such user',
        details: [{ '@type': 'type.googleapis.com/google.rpc.ErrorInfo', reason: 'GONE' }],
      },
    ])
  },
)

test.each(protocols)('a stream over %s is lines, and its error the last', async (protocol) => {
  const { headers, body } = await askBy(protocol, '/v1/users:watch?strict=true')
  expect(headers['content-type']).toBe('application/x-ndjson')
  const lines = body
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as unknown)
  expect(lines).toMatchObject([
    { id: '1' },
    { id: '2' },
    { error: { status: 409, grpcStatus: 'ABORTED', grpcMessage: 'stopped' } },
  ])
})

function clientOf(protocol: (typeof protocols)[number]) {
  const options = { baseUrl: gateway.url, httpVersion: '1.1' as const }
  const transport =
    protocol === 'connect' ? createConnectTransport(options) : createGrpcWebTransport(options)
  return createClient(users, transport) as unknown as {
    getUser(request: Fields): Promise<Fields>
    watchUsers(request: Fields): AsyncIterable<Fields>
  }
}

test.each(protocols)('clients of %s pass through, streams too', async (protocol) => {
  const client = clientOf(protocol)
  expect(await client.getUser({ id: '7' })).toMatchObject({ id: '7', displayName: 'Ann' })
  await expect(client.getUser({ id: 'nobody' })).rejects.toMatchObject({ code: Code.NotFound })
  const seen: unknown[] = []
  for await (const { id } of client.watchUsers({})) seen.push(id)
  expect(seen).toEqual(['1', '2'])
})

test('when the service is gone each client is told in its own words', async () => {
  await origin.stop()
  for (const protocol of protocols) {
    await expect(clientOf(protocol).getUser({ id: '7' })).rejects.toMatchObject({
      code: Code.Unavailable,
    })
    expect(JSON.parse((await askBy(protocol, '/v1/users/7')).body)).toMatchObject({
      code: 'UPSTREAM_UNREACHABLE',
    })
  }
})
