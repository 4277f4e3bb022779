import { expect, test } from 'vitest'
import { makeExchange } from '../../test/exchange.ts'
import type { BindScope } from '../pipeline/policy.ts'
import { bindHeaderValue } from './header-value.ts'

function setUp(secrets: ReadonlyMap<string, string>) {
  const missing: unknown[] = []
  const scope: BindScope = {
    pointer: '/upstreams/u',
    environment: {
      variable: () => undefined,
      secret: (name) => secrets.get(name),
      service: () => 'absent',
    },
    missing: (pointer, code, name) => missing.push({ pointer, code, name }),
  }
  return { scope, missing }
}

const place = { list: 'headers', field: 'X~Key' }

test('a secret is written behind its prefix', () => {
  const { scope, missing } = setUp(new Map([['KEY', 's3cret']]))
  const value = bindHeaderValue({ secret: 'KEY', prefix: 'Bearer ' }, place, scope)
  expect(value.render(makeExchange())).toBe('Bearer s3cret')
  expect(missing).toEqual([])
})

test('a secret is no constant, so that a printed plan does not show it', () => {
  const { scope } = setUp(new Map([['KEY', 's3cret']]))
  expect(bindHeaderValue({ secret: 'KEY' }, place, scope).constant).toBeNull()
  expect(bindHeaderValue('s3cret', place, scope).constant).toBe('s3cret')
})

test('a secret that the Worker lacks is noted at its place', () => {
  const { scope, missing } = setUp(new Map())
  bindHeaderValue({ secret: 'KEY' }, place, scope)
  expect(missing).toEqual([
    { pointer: '/upstreams/u/headers/X~0Key', code: 'SECRET_MISSING', name: 'KEY' },
  ])
})

test('a secret that would break the field is noted, and the line break at its end is none of it', () => {
  const { scope, missing } = setUp(
    new Map([
      ['KEY', 'a\nb'],
      ['FILE', 's3cret\n'],
    ]),
  )
  bindHeaderValue({ secret: 'KEY' }, place, scope)
  const value = bindHeaderValue({ secret: 'FILE' }, place, scope)
  expect(value.render(makeExchange())).toBe('s3cret')
  expect(missing).toEqual([
    { pointer: '/upstreams/u/headers/X~0Key', code: 'SECRET_INVALID', name: 'KEY' },
  ])
})
