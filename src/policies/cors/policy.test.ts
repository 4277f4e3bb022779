import { expect, test } from 'vitest'
import { makeBindContext, makeExchange } from '../../../test/exchange.ts'
import type { AnswerEdit } from '../../pipeline/exchange.ts'
import { definition } from './policy.ts'
import { type CorsOptions, corsSchema } from './schema.ts'

const APP = 'https://app.example.com'

interface Asked {
  readonly origin?: string
  /** Makes the request a preflight for this method. */
  readonly method?: string
  readonly headers?: string
  readonly idHeader?: string
}

/** The header fields that the policy sets on the answer, by name, and the names in Vary. */
function run(options: Partial<CorsOptions>, asked: Asked) {
  const policy = definition.bind(
    { use: 'cors', origins: [APP], ...options } as CorsOptions,
    makeBindContext(),
  )
  const exchange = makeExchange({
    method: asked.method === undefined ? 'GET' : 'OPTIONS',
    preflight: asked.method !== undefined,
    route: 'users',
    headers: {
      ...(asked.origin !== undefined && { origin: asked.origin }),
      ...(asked.method !== undefined && { 'access-control-request-method': asked.method }),
      ...(asked.headers !== undefined && { 'access-control-request-headers': asked.headers }),
    },
  })
  exchange.idHeader = asked.idHeader ?? null
  if (policy.kind !== 'edit') throw new TypeError('not an edit')
  expect(policy.apply(exchange)).toEqual({ kind: 'passed' })
  return { ...setFields(exchange.answer), edits: exchange.answer }
}

function setFields(edits: readonly AnswerEdit[]) {
  const set: Record<string, unknown> = {}
  const vary: string[] = []
  for (const edit of edits) {
    if (edit.kind === 'set') set[edit.name] = edit.value
    if (edit.kind === 'list') vary.push(...edit.values)
  }
  return { set, vary }
}

test('a known origin may read the answer, its limits and its request id', () => {
  const { set, vary } = run(
    { exposeHeaders: ['X-Total'] },
    { origin: APP, idHeader: 'x-request-id' },
  )
  expect(set).toEqual({
    'Access-Control-Allow-Origin': APP,
    'Access-Control-Expose-Headers':
      'X-Total, RateLimit, RateLimit-Policy, Retry-After, x-request-id',
  })
  expect(vary).toEqual(['Origin'])
})

test("the service's own Access-Control fields are removed before ours are set", () => {
  const { edits } = run({}, { origin: APP })
  expect(edits[0]).toEqual({ kind: 'removePrefix', prefix: 'access-control-' })
})

test.each([undefined, 'https://evil.example', 'null'])(
  'the origin %s gets no Access-Control field, but Vary, and no refusal',
  (origin) => {
    const { set, vary, edits } = run({}, origin === undefined ? {} : { origin })
    expect(set).toEqual({})
    expect(vary).toEqual(['Origin'])
    expect(edits[0]).toEqual({ kind: 'removePrefix', prefix: 'access-control-' })
  },
)

test('"*" is said to all, without Vary', () => {
  for (const asked of [{}, { origin: 'https://x.example' }]) {
    const { set, vary } = run({ origins: ['*'] }, asked)
    expect(set).toMatchObject({ 'Access-Control-Allow-Origin': '*' })
    expect(vary).toEqual([])
  }
})

test('with credentials and reflect the origin that asks is named', () => {
  const { set, vary } = run(
    { origins: ['*'], credentials: true, reflect: true },
    { origin: 'https://x.example' },
  )
  expect(set).toMatchObject({
    'Access-Control-Allow-Origin': 'https://x.example',
    'Access-Control-Allow-Credentials': 'true',
  })
  expect(vary).toEqual(['Origin'])
})

test('a preflight is told the lists of the table', () => {
  const { set } = run(
    { methods: ['GET', 'PUT'], headers: ['X-A', 'Content-Type'], maxAgeSeconds: 600 },
    { origin: APP, method: 'PUT', headers: 'content-type,x-a' },
  )
  expect(set).toEqual({
    'Access-Control-Allow-Origin': APP,
    'Access-Control-Allow-Methods': 'GET, PUT',
    'Access-Control-Allow-Headers': 'X-A, Content-Type',
    'Access-Control-Max-Age': '600',
  })
})

test.each([
  ['another origin', { origin: 'https://evil.example', method: 'PUT' }],
  ['the origin null', { origin: 'null', method: 'PUT' }],
  ['another method', { origin: APP, method: 'DELETE' }],
  ['another header', { origin: APP, method: 'PUT', headers: 'x-evil' }],
  ['one header too many', { origin: APP, method: 'PUT', headers: 'x-a, x-evil' }],
])('a preflight for %s gets no Access-Control field', (_what, asked) => {
  const { set } = run({ methods: ['PUT'], headers: ['X-A'] }, asked)
  expect(set).toEqual({})
})

test('without lists a preflight may use the method of the route and send JSON', () => {
  const { set } = run({}, { origin: APP, method: 'PATCH', headers: 'content-type' })
  expect(set).toMatchObject({
    'Access-Control-Allow-Origin': APP,
    'Access-Control-Allow-Methods': 'PATCH',
    'Access-Control-Allow-Headers': expect.stringContaining('Content-Type'),
  })
})

test('without a list of headers a preflight may not send credentials of its own', () => {
  expect(run({}, { origin: APP, method: 'GET', headers: 'authorization' }).set).toEqual({})
})

test('"*" without credentials is said as it is, with Authorization named', () => {
  const any = { methods: ['*'], headers: ['*'] }
  expect(run(any, { origin: APP, method: 'PURGE', headers: 'x-a' }).set).toMatchObject({
    'Access-Control-Allow-Methods': '*',
    'Access-Control-Allow-Headers': '*',
  })
  expect(run(any, { origin: APP, method: 'PUT', headers: 'authorization' }).set).toMatchObject({
    'Access-Control-Allow-Headers': '*, Authorization',
  })
})

test('"*" with credentials is said as what was asked for', () => {
  const { set } = run(
    { methods: ['*'], headers: ['*'], credentials: true },
    { origin: APP, method: 'PURGE', headers: 'x-a, authorization' },
  )
  expect(set).toEqual({
    'Access-Control-Allow-Origin': APP,
    'Access-Control-Allow-Credentials': 'true',
    'Access-Control-Allow-Methods': 'PURGE',
    'Access-Control-Allow-Headers': 'x-a, authorization',
  })
})

test.each([
  [{}],
  [{ origins: [] }],
  [{ origins: ['*'], credentials: true }],
  [{ origins: ['null'] }],
  [{ origins: ['app.example.com'] }],
  [{ origins: ['https://app.example.com/'] }],
  [{ origins: ['https://*.*.example.com'] }],
  [{ origins: ['https://a.*.example.com'] }],
  [{ origins: [APP], credentials: true, exposeHeaders: ['*'] }],
  [{ origins: [APP], methods: ['get'] }],
])('%j is refused by the schema', (options) => {
  expect(corsSchema.safeParse({ use: 'cors', ...options }).success).toBe(false)
})

test.each([
  [{ origins: ['*'], credentials: true, reflect: true }],
  [{ origins: ['https://*.example.com', 'http://localhost:3000', 'app://desktop'] }],
  [{ origins: ['*'], methods: ['*'], headers: ['*'], exposeHeaders: ['*'] }],
])('%j is taken by the schema', (options) => {
  expect(corsSchema.safeParse({ use: 'cors', ...options }).error).toBeUndefined()
})

test('the problem of "*" with credentials points at the "*"', () => {
  const { error } = corsSchema.safeParse({
    use: 'cors',
    origins: [APP, '*'],
    credentials: true,
  })
  expect(error?.issues.map((issue) => issue.path)).toEqual([['origins', 1]])
})
