/**
 * Fields that only the gateway may write never come from a client, however they are spelled and wherever in the
 * table they are forwarded. A failing run prints its seed; set SEED to run it again.
 */
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { makeGateway } from '../gateway.ts'

const seed = Number(process.env.SEED ?? Date.now() % 1_000_000)
console.info(`forward properties: SEED=${seed}`)

const users = { ada: { password: { secret: 'ADA' } } }
const basic = (field: string, more: object = {}) => ({
  use: 'basic-auth',
  users,
  forward: { sub: field },
  optional: true,
  ...more,
})
const route = (name: string, more: object) => ({
  name,
  match: { path: `/${name}/*` },
  upstream: 'service',
  ...more,
})

const table = (underscores: boolean) => ({
  version: 1,
  underscores,
  defaults: { policies: [basic('X-Default', { name: 'usual' })] },
  policySets: { unused: [basic('X_Set')] },
  consumers: { ada: { plan: 'gold' } },
  upstreams: { service: { targets: ['http://127.0.0.1:9101'] } },
  routes: [
    route('enforced', { policies: [basic('X-User-Id')] }),
    route('shadowed', { policies: [basic('X-Shadow-Id', { mode: 'shadow' })] }),
    route('off', { policies: [basic('X-Off-Id', { mode: 'off' })] }),
    route('sometimes', { policies: [basic('X-When-Id', { when: { methods: ['PUT'] } })] }),
    route('skipping', { skip: ['basic-auth'] }),
    route('either', {
      policies: [{ use: 'any-of', optional: true, policies: [inner('X-Any-Id')] }],
    }),
    route('planned', {
      policies: [
        {
          use: 'request-headers',
          set: { 'X-Plan': '${consumer.plan}' },
          when: { consumer: { anonymous: false } },
        },
      ],
    }),
    route('plain', { skip: ['usual'] }),
  ],
})

function inner(field: string) {
  const { optional: _, ...rest } = basic(field)
  return rest
}

const fields = [
  'X-Default',
  'X_Set',
  'X-User-Id',
  'X-Shadow-Id',
  'X-Off-Id',
  'X-When-Id',
  'X-Any-Id',
  'X-Plan',
]
const paths = table(false).routes.map(({ name }) => `/${name}/a`)

/** A name as CGI, and what is like it, reads it as the same variable. */
const spelled = fc.constantFrom(...fields).chain((field) =>
  fc
    .array(fc.tuple(fc.boolean(), fc.constantFrom('-', '_', '.')), {
      minLength: field.length,
      maxLength: field.length,
    })
    .map((choices) =>
      [...field]
        .map((character, index) => {
          const [isUpper, between] = choices[index]!
          if (/[-_]/.test(character)) return between
          return isUpper ? character.toUpperCase() : character.toLowerCase()
        })
        .join(''),
    ),
)

const FORGED = 'forged'

const requests = fc.record({
  underscores: fc.boolean(),
  path: fc.constantFrom(...paths),
  method: fc.constantFrom('GET', 'PUT'),
  forged: fc.array(fc.tuple(spelled, fc.constantFrom(FORGED, `${FORGED}, x`)), {
    minLength: 1,
    maxLength: 4,
  }),
  connection: fc.option(fc.array(fc.oneof(spelled, fc.constant('close')), { maxLength: 3 }), {
    nil: undefined,
  }),
  credentials: fc.constantFrom(undefined, 'ada:right', 'ada:wrong'),
})

test('what a client writes under a forwarded name never reaches a service', async () => {
  const gateways = [false, true].map((underscores) =>
    makeGateway(table(underscores), { secrets: { ADA: 'right' } }),
  )
  let reached = 0
  await fc.assert(
    fc.asyncProperty(requests, async (request) => {
      const { underscores, path, method, forged, connection, credentials } = request
      const gateway = gateways[Number(underscores)]!
      const headers = new Headers()
      for (const [name, value] of forged) headers.append(name, value)
      if (connection !== undefined) headers.append('connection', connection.join(', '))
      if (credentials !== undefined) headers.set('authorization', `Basic ${btoa(credentials)}`)
      const before = gateway.calls.length
      await gateway.ask({ target: path, method, headers })
      for (const call of gateway.calls.slice(before)) {
        reached++
        expect(JSON.stringify(call)).not.toContain(FORGED)
      }
      expect(gateway.bugs).toEqual([])
    }),
    { seed, numRuns: 1000 },
  )
  // The property says nothing where nothing goes on.
  expect(reached).toBeGreaterThan(300)
})

test('a verified caller is forwarded although the client names the field in Connection', async () => {
  const { ask, calls } = makeGateway(table(false), { secrets: { ADA: 'right' } })
  const authorization = `Basic ${btoa('ada:right')}`
  await ask({
    target: '/enforced/a',
    headers: { authorization, connection: 'close, X-User-Id', 'x-user-id': FORGED },
  })
  expect(calls[0]?.headers).toMatchObject({ 'x-user-id': 'ada' })
  expect(calls[0]?.headers).not.toHaveProperty('authorization')
})

test('a field that templates fill from the caller is filled for the caller alone', async () => {
  const { ask, calls } = makeGateway(table(false), { secrets: { ADA: 'right' } })
  const authorization = `Basic ${btoa('ada:right')}`
  await ask({ target: '/planned/a', headers: { authorization, 'x-plan': FORGED } })
  await ask({ target: '/planned/a', headers: { 'x-plan': FORGED } })
  expect(calls[0]?.headers).toMatchObject({ 'x-plan': 'gold' })
  expect(calls[1]?.headers).not.toHaveProperty('x-plan')
})
