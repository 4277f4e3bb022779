import { expect, test } from 'vitest'
import { makeBindContext, makeExchange } from '../../../test/exchange.ts'
import { problemsOfTable } from '../../../test/problems.ts'
import { refuse } from '../../errors/refusal.ts'
import type { Authentication, Caller, Identify } from '../../pipeline/policy.ts'
import { definition } from './policy.ts'

const caller: Caller = {
  authority: 'key',
  subject: 'k1',
  claims: {},
  roles: [],
  scopes: [],
  permissions: [],
  consumer: null,
}
const absent: Authentication = { kind: 'absent' }
const good: Authentication = { kind: 'verified', caller, spent: [], forward: {} }
const bad: Authentication = {
  kind: 'refused',
  refusal: refuse('CREDENTIALS_INVALID'),
  reason: 'key-unknown',
}
const down: Authentication = {
  kind: 'unavailable',
  refusal: refuse('IDENTITY_UNAVAILABLE'),
  reason: 'store-down',
}

type Say = Authentication | Promise<Authentication>

function bind(says: Readonly<Record<string, Say>>, optional?: boolean) {
  const asked: string[] = []
  const pointers: string[] = []
  const context = makeBindContext({
    bindInner: ({ use }, pointer): Identify => {
      pointers.push(pointer)
      return {
        kind: 'identify',
        optional: false,
        challenge: `Kind-${use}`,
        authenticate: () => {
          asked.push(use)
          return says[use] as Say
        },
      }
    },
  })
  const policies = Object.keys(says).map((use) => ({ use }))
  const options = { use: 'any-of', policies, ...(optional !== undefined && { optional }) } as const
  const policy = definition.bind(options, context) as Identify
  return { policy, asked, pointers, ask: async () => policy.authenticate(makeExchange()) }
}

test('the first whose credential is there decides, and the next are not asked', async () => {
  const { ask, asked } = bind({ a: absent, b: good, c: bad })
  expect(await ask()).toBe(good)
  expect(asked).toEqual(['a', 'b'])
})

test('a bad credential is refused although the next one is good', async () => {
  const { ask, asked } = bind({ a: bad, b: good })
  expect(await ask()).toBe(bad)
  expect(asked).toEqual(['a'])
})

test('a source that cannot be asked is not passed over', async () => {
  expect(await bind({ a: down, b: good }).ask()).toBe(down)
})

test('an alternative that has to wait is waited for before the next is asked', async () => {
  const { ask, asked } = bind({ a: Promise.resolve(absent), b: Promise.resolve(good), c: bad })
  expect(await ask()).toBe(good)
  expect(asked).toEqual(['a', 'b'])
})

test('without any credential there is none, and a challenge for each', async () => {
  const { ask, policy } = bind({ a: absent, b: Promise.resolve(absent) })
  expect(await ask()).toEqual(absent)
  expect(policy.challenge).toBe('Kind-a, Kind-b')
  expect(policy.optional).toBe(false)
})

test('optional lets a caller without credentials pass', () => {
  expect(bind({ a: absent }, true).policy.optional).toBe(true)
})

test('alternatives that all see at once that nothing is there cost no promise', () => {
  const { policy } = bind({ a: absent, b: absent })
  expect(policy.authenticate(makeExchange())).toEqual(absent)
})

test('each alternative is bound where it stands in the document', () => {
  expect(bind({ a: absent, b: absent }).pointers).toEqual([
    '/routes/0/policies/0/policies/0',
    '/routes/0/policies/0/policies/1',
  ])
})

const basic = { use: 'basic-auth', users: { ada: { password: { secret: 'ADA' } } } }
const problems = (policies: unknown) => problemsOfTable([{ use: 'any-of', policies }])

test('an identity policy may stand within, with its own options checked', () => {
  expect(problems([basic])).toEqual([])
  expect(problems([{ ...basic, user: 1 }])).toEqual([
    { pointer: '/routes/0/policies/0/policies/0/user', code: 'KEY_UNKNOWN' },
  ])
})

test('only identity policies may stand within, and not another any-of', () => {
  expect(problems([{ use: 'cors', origins: ['*'] }])).toEqual([
    { pointer: '/routes/0/policies/0/policies/0/use', code: 'POLICY_MISPLACED' },
  ])
  expect(problems([{ use: 'any-of', policies: [basic] }])).toEqual([
    { pointer: '/routes/0/policies/0/policies/0/use', code: 'POLICY_MISPLACED' },
  ])
})

test('an unknown policy within is unknown', () => {
  expect(problems([{ use: 'basic-auht' }])).toEqual([
    { pointer: '/routes/0/policies/0/policies/0/use', code: 'POLICY_UNKNOWN' },
  ])
})

test.each([
  ['mode', 'shadow'],
  ['when', { methods: ['GET'] }],
  ['optional', true],
])('%s may not stand within', (key, value) => {
  expect(problems([{ ...basic, [key]: value }])).toEqual([
    { pointer: `/routes/0/policies/0/policies/0/${key}`, code: 'VALUE_INVALID' },
  ])
})

test('no alternatives at all are a problem', () => {
  expect(problems([])).toMatchObject([{ pointer: '/routes/0/policies/0/policies' }])
})
