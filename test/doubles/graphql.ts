/** A gateway in memory with one route to a GraphQL service that says what it is told to. */
import { makeMemories } from '../../src/platform/memories.ts'
import type { NetworkCall } from '../../src/platform/ports.ts'
import { type Ask, type Given, makeGateway } from '../gateway.ts'

export const USER =
  'query User($id: ID!, $first: Int) { user(id: $id) { name orders(first: $first) { id } } }'

export interface Reply {
  readonly status?: number
  readonly headers?: Readonly<Record<string, string>>
  /** Text goes as it is. */
  readonly body: unknown
}

export interface GraphqlGiven extends Given {
  readonly graphql?: object | null
  readonly upstream?: object
  readonly route?: object
  readonly more?: object
  readonly reply?: (count: number, call: NetworkCall) => Reply
}

export function setUpGraphql({
  graphql = {},
  upstream = {},
  route = {},
  more = {},
  reply,
  ...given
}: GraphqlGiven = {}) {
  let count = 0
  function answer(call: NetworkCall): Response {
    count += 1
    const {
      status = 200,
      headers,
      body,
    } = reply?.(count, call) ?? {
      body: { data: { user: { name: 'Ann' } } },
    }
    return new Response(typeof body === 'string' ? body : JSON.stringify(body), {
      status,
      headers: { 'content-type': 'application/json', ...headers },
    })
  }
  const table = {
    version: 1,
    upstreams: {
      shop: { kind: 'graphql', targets: ['http://shop.internal/base'], ...upstream },
      ...more,
    },
    routes: [
      {
        name: 'user',
        match: { path: '/users/:id', methods: ['GET', 'POST'] },
        upstream: 'shop',
        ...(graphql === null ? {} : { graphql: { query: USER, ...graphql } }),
        ...route,
      },
    ],
  }
  const gateway = makeGateway(table, { answer, ports: { memories: makeMemories() }, ...given })
  async function ask(target: string, init: Ask = {}) {
    const response = await gateway.ask({ target, ...init })
    const text = await response.text()
    const json = text.startsWith('{') ? (JSON.parse(text) as Record<string, unknown>) : {}
    return { response, status: response.status, text, json }
  }
  const sent = () => gateway.calls.map(({ body }) => bodyOf(body))
  const variables = async (target: string, init: Ask = {}) => {
    await ask(target, init)
    return sent().at(-1)?.variables
  }
  return { ...gateway, ask, sent, variables }
}

export function bodyOf(body: NetworkCall['body']): Record<string, unknown> {
  return JSON.parse(new TextDecoder().decode(body as ArrayBuffer)) as Record<string, unknown>
}

export const post = (body: unknown): Ask => ({
  method: 'POST',
  headers: { 'content-type': 'application/json' },
  body: typeof body === 'string' ? body : JSON.stringify(body),
})

export const says = (body: unknown, more: Omit<Reply, 'body'> = {}) => ({
  reply: () => ({ body, ...more }),
})
