import { expect, test } from 'vitest'
import { makeBindContext, makeExchange } from '../../../test/exchange.ts'
import { definition } from './policy.ts'
import { type IpFilterOptions, ipFilterSchema } from './schema.ts'

function judge(options: Omit<IpFilterOptions, 'use'>, address: string | null) {
  const policy = definition.bind({ use: 'ip-filter', ...options }, makeBindContext())
  if (policy.kind !== 'gate') throw new TypeError('not a gate')
  return policy.judge(makeExchange({ client: { address } }))
}

test.each([
  ['10.1.2.3', 'passed'],
  ['11.0.0.1', 'refused'],
  ['2001:db8::7', 'passed'],
  ['10.9.9.9', 'refused'],
  [null, 'refused'],
])('%s is %s by an allow list with a hole', (address, kind) => {
  const options = { allow: ['10.0.0.0/8', '2001:db8::/32'], deny: ['10.9.0.0/16'] }
  expect(judge(options, address)).toMatchObject({ kind })
})

test('a refusal says ADDRESS_DENIED and not which list', () => {
  expect(judge({ deny: ['192.0.2.1'] }, '192.0.2.1')).toEqual({
    kind: 'refused',
    code: 'ADDRESS_DENIED',
  })
})

test.each([[{}], [{ allow: [] }], [{ allow: ['10.0.0.0/33'] }], [{ deny: ['example.com'] }]])(
  '%j is refused by the schema',
  (options) => {
    expect(ipFilterSchema.safeParse({ use: 'ip-filter', ...options }).success).toBe(false)
  },
)
