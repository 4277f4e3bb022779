import { expect, test } from 'vitest'
import { makeGateway } from '../../test/gateway.ts'
import { adaptiveRules } from '../calls/adaptive/rules.ts'
import { adaptiveOf } from './adaptive.ts'
import { checkForm } from './check/check.ts'
import type { RouteTable } from './schema.ts'

function limit(adaptive: object, more: object = {}) {
  return { use: 'rate-limit', limit: 100, windowSeconds: 60, adaptive, ...more }
}

function table(policies: readonly object[], defaults: readonly object[] = []): RouteTable {
  return {
    version: 1,
    defaults: { policies: defaults },
    upstreams: { users: { targets: ['http://127.0.0.1:9101'] } },
    routes: [{ name: 'users', match: { path: '/*' }, upstream: 'users', policies }],
  } as unknown as RouteTable
}

test('each of the rules that limits have for an upstream is found once', () => {
  const found = adaptiveOf(
    table(
      [limit({ upstream: 'users' }), limit({ upstream: 'users', minPercent: 50 })],
      [limit({ upstream: 'users' })],
    ),
  )
  expect(found.get('users')).toEqual([adaptiveRules({}), adaptiveRules({ minPercent: 50 })])
})

test('a limit that is off asks for nothing', () => {
  expect(adaptiveOf(table([limit({ upstream: 'users' }, { mode: 'off' })])).size).toBe(0)
})

test('an upstream that the table does not have is a problem, with its place', () => {
  expect(checkForm(table([limit({ upstream: 'user' })]))).toMatchObject([
    { pointer: '/routes/0/policies/0/adaptive/upstream', code: 'UPSTREAM_UNKNOWN' },
  ])
})

test('operators see what is let through to an upstream without a breaker', () => {
  const { plan } = makeGateway(table([limit({ upstream: 'users' })]))
  expect([...plan.fleet().keys()]).toEqual(['users'])
  expect(plan.fleet().get('users')?.spec).toEqual({ adaptive: { rules: [adaptiveRules({})] } })
})

test('a request of a route whose limit follows an upstream passes while nothing is known', async () => {
  const { ask, calls } = makeGateway(
    table([limit({ upstream: 'users' }, { onStoreFault: 'allow' })]),
  )
  expect((await ask({ target: '/a' })).status).toBe(200)
  expect(calls).toHaveLength(1)
})
