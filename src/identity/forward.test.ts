import { expect, test } from 'vitest'
import { bindClaim, namesOf } from './claims.ts'
import { bindForward, reservedBy } from './forward.ts'
import { forwardSchema } from './forward-schema.ts'

const claims = { sub: 'ada', org: { id: 7 }, roles: ['a', 'b'], 'https://x.example/t': 'gold' }

test('claims become fields by lower-case name, by name or by pointer', () => {
  const forward = { sub: 'X-User', '/org/id': 'X-Org', 'https://x.example/t': 'X-Tier' }
  expect({ ...bindForward(forward)(claims) }).toEqual({
    'x-user': 'ada',
    'x-org': '7',
    'x-tier': 'gold',
  })
})

test('a list is joined, an object is JSON, and what is absent or null gives no field', () => {
  const forward = { roles: 'X-Roles', org: 'X-Org', none: 'X-None', nil: 'X-Nil' }
  expect({ ...bindForward(forward)({ ...claims, nil: null }) }).toEqual({
    'x-roles': 'a,b',
    'x-org': '{"id":7}',
  })
})

test('two claims never come out as the same field, and none breaks it', () => {
  const field = (sub: string) => bindForward({ sub: 'X-User' })({ sub })['x-user']
  expect(field('zoë')).toBe('zo%C3%AB')
  expect(field('zo%C3%AB')).toBe('zo%25C3%25AB')
  expect(field('a\r\nX-Admin: 1\0')).toBe('a%0D%0AX-Admin: 1%00')
  expect(field('\ud800')).toBe('%EF%BF%BD')
})

test('a claim that is too long gives no field', () => {
  expect(bindForward({ sub: 'X-User' })({ sub: 'a'.repeat(4097) })).toEqual({})
})

test('names of a prototype are no claims', () => {
  expect(bindClaim('constructor')({})).toBeUndefined()
  expect(bindClaim('/__proto__/toString')({})).toBeUndefined()
})

test('names are read from a list and from words', () => {
  expect(namesOf(['a', 1, 'b'])).toEqual(['a', 'b'])
  expect(namesOf('a  b')).toEqual(['a', 'b'])
  expect(namesOf({ a: 1 })).toEqual([])
})

test('the names of a forward are reserved in lower case', () => {
  expect(reservedBy({ sub: 'X-User' })).toEqual(['x-user'])
  expect(forwardSchema.safeParse({ sub: 'Content-Length' }).success).toBe(false)
  expect(forwardSchema.safeParse({ sub: 'X-User' }).success).toBe(true)
})
