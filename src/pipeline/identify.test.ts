import { expect, test } from 'vitest'
import { makeExchange } from '../../test/exchange.ts'
import { refuse } from '../errors/refusal.ts'
import { bindIdentify } from './identify.ts'
import type { Authentication, Caller } from './policy.ts'

const caller: Caller = {
  authority: 'basic',
  subject: 'ada',
  claims: {},
  roles: ['reader'],
  scopes: [],
  permissions: [],
  consumer: null,
}

const verified: Authentication = {
  kind: 'verified',
  caller,
  spent: [{ in: 'header', name: 'authorization' }],
  forward: { 'x-user': 'ada' },
}

const bad: Authentication = {
  kind: 'refused',
  refusal: refuse('CREDENTIALS_INVALID'),
  reason: 'signature-bad',
}

interface Given {
  readonly found: Authentication | (() => Promise<Authentication>)
  readonly mode?: 'enforce' | 'shadow'
  readonly optional?: boolean
}

async function run({ found, mode = 'enforce', optional = false }: Given) {
  const exchange = makeExchange({ headers: { authorization: 'Basic eDp5' } })
  const handler = bindIdentify(
    {
      name: 'who',
      mode,
      policy: {
        kind: 'identify',
        authenticate: () => (typeof found === 'function' ? found() : found),
        optional,
        challenge: 'Basic realm="api"',
      },
      resolve: ({ subject }) => ({ name: subject, plan: null, roles: ['writer'], metadata: {} }),
    },
    () => new Response('ok'),
  )
  return { exchange, answer: await handler(exchange) }
}

test('a verified caller is known, the spent credential stays behind, and what is forwarded goes on', async () => {
  const { exchange, answer } = await run({ found: verified })
  expect(answer).toBeInstanceOf(Response)
  expect(exchange.identity).toMatchObject({ authority: 'basic', subject: 'ada' })
  expect(exchange.identity?.roles).toEqual(['reader', 'writer'])
  expect(exchange.outgoing.headers.authorization).toBeUndefined()
  expect(exchange.outgoing.headers['x-user']).toBe('ada')
  expect(exchange.event).toMatchObject({ consumer: 'ada', policies: { who: 'passed' } })
})

test('a missing credential is CREDENTIALS_MISSING with the challenge, or anonymous where it is optional', async () => {
  const { answer } = await run({ found: { kind: 'absent' } })
  expect(answer).toMatchObject({
    code: 'CREDENTIALS_MISSING',
    headers: { 'www-authenticate': 'Basic realm="api"' },
  })
  const anonymous = await run({ found: { kind: 'absent' }, optional: true })
  expect(anonymous.answer).toBeInstanceOf(Response)
  expect(anonymous.exchange.identity).toBeNull()
})

test('a bad credential is refused even where it is optional, and only the event has the reason', async () => {
  const { exchange, answer } = await run({ found: bad, optional: true })
  expect(answer).toMatchObject({ code: 'CREDENTIALS_INVALID' })
  expect(JSON.stringify(answer)).not.toContain('signature-bad')
  expect(exchange.event.policies).toEqual({ who: 'refused:signature-bad' })
})

test('in shadow mode a verified caller is known, and nothing else changes', async () => {
  const { exchange } = await run({ found: verified, mode: 'shadow' })
  expect(exchange.identity?.subject).toBe('ada')
  expect(exchange.outgoing.headers.authorization).toBe('Basic eDp5')
  expect(exchange.outgoing.headers['x-user']).toBeUndefined()
})

test('in shadow mode a bad credential passes without identity, and the event says so', async () => {
  const { exchange, answer } = await run({ found: bad, mode: 'shadow' })
  expect(answer).toBeInstanceOf(Response)
  expect(exchange.identity).toBeNull()
  expect(exchange.event.policies).toEqual({ who: 'would-refuse:signature-bad' })
})

test('what fails in shadow mode harms nobody', async () => {
  const fail = () => Promise.reject(new Error('a bug'))
  const { exchange, answer } = await run({ found: fail, mode: 'shadow' })
  expect(answer).toBeInstanceOf(Response)
  expect(exchange.event.policies).toEqual({ who: 'failed' })
})
