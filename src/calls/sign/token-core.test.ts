import { expect, test } from 'vitest'
import type { Identity } from '../../pipeline/exchange.ts'
import { describeCaller } from './token-core.ts'

const rules = { issuer: 'https://api.example.com', audience: 'users', claims: [] }

const alice: Identity = {
  authority: 'jwt:https://id.example.com',
  subject: 'alice',
  claims: { email: 'alice@example.com', tenant: 7 },
  roles: ['reader'],
  scopes: ['read'],
  permissions: [],
  consumer: { name: 'mobile-app', plan: 'standard', roles: [], metadata: {} },
}

test('a known caller is named by subject, issuer and authority, with consumer, roles and scopes', () => {
  expect(describeCaller(alice, 'users', rules)).toEqual({
    iss: 'https://api.example.com',
    aud: 'users',
    sub: 'alice',
    act: {
      sub: 'alice',
      iss: 'https://id.example.com',
      authority: 'jwt:https://id.example.com',
    },
    consumer: 'mobile-app',
    plan: 'standard',
    roles: ['reader'],
    scopes: ['read'],
  })
})

test('the same subject of two authorities is two callers', () => {
  const other = describeCaller({ ...alice, authority: 'key' }, 'users', rules)
  expect(other.sub).toBe('alice')
  expect(other.act).toEqual({ sub: 'alice', authority: 'key' })
})

test('an anonymous caller has the route as subject and nobody in act', () => {
  expect(describeCaller(null, 'users', rules)).toEqual({
    iss: 'https://api.example.com',
    aud: 'users',
    sub: 'route:users',
  })
})

test('listed claims are carried, those that the caller lacks are not', () => {
  const words = describeCaller(alice, 'users', {
    ...rules,
    claims: ['tenant', 'absent', 'constructor'],
  })
  expect(words).toMatchObject({ tenant: 7 })
  expect(Object.keys(words)).not.toContain('email')
  expect(Object.keys(words)).not.toContain('absent')
  expect(Object.keys(words)).not.toContain('constructor')
})
