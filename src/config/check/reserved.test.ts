import { expect, test } from 'vitest'
import { problemsOfTable } from '../../../test/problems.ts'

const basic = (forward: object) => ({
  use: 'basic-auth',
  users: { ada: { password: { secret: 'ADA' } } },
  forward,
})
const at = '/routes/0/policies/0'

test.each(['Authorization', 'authorization'])(
  'a field with credentials cannot be forwarded to: %s',
  (field) => {
    expect(problemsOfTable([basic({ sub: field })])).toEqual([
      { pointer: at, code: 'CREDENTIAL_RESERVED' },
    ])
  },
)

test.each([
  [{}, 'X_Api_Key'],
  [{ from: { header: 'X-Token' } }, 'X-Token'],
  [{ from: [{ query: 't' }, { cookie: 't' }] }, 'Cookie'],
])('wherever another policy of the table looks: %j', (more, field) => {
  const key = { use: 'api-key', ...more }
  expect(problemsOfTable([basic({ sub: field })], { policySets: { keys: [key] } })).toEqual([
    { pointer: at, code: 'CREDENTIAL_RESERVED' },
  ])
})

test('a place where nobody looks may be forwarded to', () => {
  expect(problemsOfTable([basic({ sub: 'X-API-Key' })])).toEqual([])
})
