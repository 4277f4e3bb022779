import { expect, test } from 'vitest'
import { addToBearer } from './challenge.ts'

test.each([
  ['Bearer', 'Bearer m="u"'],
  ['bearer', 'bearer m="u"'],
  ['Bearer error="invalid_token"', 'Bearer m="u", error="invalid_token"'],
  ['Basic realm="a", Bearer', 'Basic realm="a", Bearer m="u"'],
  ['Bearer, Basic realm="a"', 'Bearer m="u", Basic realm="a"'],
  ['Bearer , ApiKey', 'Bearer m="u" , ApiKey'],
  ['Bearer scope="a b", Basic', 'Bearer m="u", scope="a b", Basic'],
])('%j gets the parameter', (challenges, expected) => {
  expect(addToBearer(challenges, 'm', 'u')).toBe(expected)
})

test.each([
  'Basic realm="a"',
  'Basic realm="x, Bearer y"',
  'Basic realm="x\\", Bearer y"',
  'BearerToken',
  'Basic Bearer=1',
])('%j has no challenge of the scheme Bearer and stays', (challenges) => {
  expect(addToBearer(challenges, 'm', 'u')).toBe(challenges)
})

test('a value with quotes cannot end its quotes', () => {
  expect(addToBearer('Bearer', 'm', 'a"\\b')).toBe('Bearer m="a\\"\\\\b"')
})
