import { expect, test } from 'vitest'
import { guardSchema } from './guard.ts'

const schema = guardSchema('some-guard', {})
const accepts = (when: object) => schema.safeParse({ use: 'some-guard', when }).success

test.each([
  [{ hosts: ['api.example.com'] }],
  [{ path: '/admin/*', methods: ['POST'] }],
  [{ client: { ips: ['10.0.0.0/8'] } }],
])('a guard runs under %j', (when) => {
  expect(accepts(when)).toBe(true)
})

test.each([
  [{ headers: { 'x-skip': { present: false } } }],
  [{ query: { skip: { not: '1' } } }],
  [{ body: { '/skip': true } }],
  [{ path: '/admin/*', bodyLimitBytes: 10 }],
  [{ consumer: { anonymous: true } }],
])('a guard is not switched off by %j, which a client can write', (when) => {
  expect(accepts(when)).toBe(false)
})

test('a guard keeps the keys that all policies have', () => {
  const entry = { use: 'some-guard', mode: 'shadow', name: 'mine', description: 'why' }
  expect(schema.safeParse(entry).success).toBe(true)
  expect(schema.safeParse({ ...entry, other: 1 }).success).toBe(false)
})
