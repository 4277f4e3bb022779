import { expect, test } from 'vitest'
import { makeEnvironment } from './environment.ts'

const environment = makeEnvironment({ text: (name) => name, service: () => 'present' })

test.each(['ADMIN_TOKEN', 'ISOGATE_BUILD'])('no table reads %s', (name) => {
  expect([environment.variable(name), environment.secret(name)]).toEqual([undefined, undefined])
})

test('another name is read as variable and as secret', () => {
  expect([environment.variable('ADMIN'), environment.secret('ADMIN')]).toEqual(['ADMIN', 'ADMIN'])
})

test.each(['KV', 'TABLE', 'TALLY', 'ASSETS'])(
  "the gateway's own binding %s is no service",
  (name) => {
    expect(environment.service(name)).toBe('other')
    expect(environment.service(`${name}_2`)).toBe('present')
  },
)

test('the salt of names is a setting of the gateway, and an empty one counts as none', () => {
  const salted = makeEnvironment({ text: () => 'pepper', service: () => 'absent' })
  expect([salted.salt, salted.variable('ISOGATE_SALT')]).toEqual(['pepper', undefined])
  expect(makeEnvironment({ text: () => '', service: () => 'absent' }).salt).toBeUndefined()
})
