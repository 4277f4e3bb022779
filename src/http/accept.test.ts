import { expect, test } from 'vitest'
import { chooseMediaType } from './accept.ts'

const offered = ['application/json', 'text/csv; charset=utf-8', 'application/cbor']

test.each([
  // Who says nothing takes the first.
  [undefined, 'application/json'],
  [null, 'application/json'],
  ['', 'application/json'],
  [' , ,', 'application/json'],
  // One range.
  ['application/cbor', 'application/cbor'],
  ['APPLICATION/CBOR', 'application/cbor'],
  ['text/csv', 'text/csv; charset=utf-8'],
  ['text/*', 'text/csv; charset=utf-8'],
  ['*/*', 'application/json'],
  ['application/*', 'application/json'],
  ['image/png', null],
  ['image/*', null],
  // Weights.
  ['application/json;q=0.2, application/cbor;q=0.3', 'application/cbor'],
  ['application/json;q=0.2,text/csv;q=0.3,application/cbor;q=0.299', 'text/csv; charset=utf-8'],
  ['application/json ; q=0.5 , application/cbor', 'application/cbor'],
  ['application/cbor;Q=1, */*;q=0.1', 'application/cbor'],
  ['application/cbor, application/json', 'application/json'],
  ['application/json;q=0, application/cbor;q=0', null],
  ['*/*;q=0', null],
  // The most specific range says it, wherever it stands.
  ['application/json;q=0, */*', 'text/csv; charset=utf-8'],
  ['*/*, application/json;q=0', 'text/csv; charset=utf-8'],
  ['application/*;q=0, application/cbor, */*;q=0.5', 'application/cbor'],
  ['text/*;q=0.5, application/json;q=0.4, */*;q=0.1', 'text/csv; charset=utf-8'],
  ['*/*, application/*;q=0.5, application/json;q=0.1', 'text/csv; charset=utf-8'],
  // Said twice, the better counts.
  ['application/cbor;q=0, application/cbor;q=0.5', 'application/cbor'],
  // Malformed members are as if they were not there.
  ['json, application/cbor', 'application/cbor'],
  ['application/cbor;q=abc, text/csv;q=0.1', 'text/csv; charset=utf-8'],
  ['application/cbor;q=1.1, text/csv;q=0.1', 'text/csv; charset=utf-8'],
  ['application/cbor;q=0.1234, text/csv;q=0.1', 'text/csv; charset=utf-8'],
  ['application/cbor;q=-1, text/csv;q=0.1', 'text/csv; charset=utf-8'],
  ['*/json, text/csv', 'text/csv; charset=utf-8'],
  ['application/cbor;;q=0.1, text/csv;q=0.2', 'text/csv; charset=utf-8'],
  ['constructor, __proto__', 'application/json'],
  // What stands behind the weight is not of the media type.
  ['application/cbor;q=0.5;x=1', 'application/cbor'],
  // Commas and semicolons in quotes part nothing.
  ['application/json;x="a,b;q=1", application/cbor;q=0.1', 'application/cbor'],
  // All text is UTF-8 anyway; another set is another thing.
  ['application/json; charset=UTF-8', 'application/json'],
  ['text/csv;charset="utf-8"', 'text/csv; charset=utf-8'],
  ['application/json; charset=latin1', null],
] as const)('Accept: %s gets %s', (accept, chosen) => {
  expect(chooseMediaType(accept, offered)).toBe(chosen)
})

test('parameters choose between forms of one media type', () => {
  const versions = ['application/json;version=1', 'application/json;version=2', 'application/json']
  expect(chooseMediaType('application/json;version=2', versions)).toBe('application/json;version=2')
  expect(chooseMediaType('application/json;Version=2;x=1, */*;q=0.1', versions)).toBe(versions[0])
  expect(chooseMediaType('application/json, application/json;version=1;q=0', versions)).toBe(
    versions[1],
  )
  expect(chooseMediaType('application/json;version="2"', versions)).toBe(versions[1])
})

test('with nothing to choose from, nothing is chosen', () => {
  expect(chooseMediaType(undefined, [])).toBeNull()
  expect(chooseMediaType('*/*', [])).toBeNull()
})

test('of a flood of ranges only the first are looked at, and fast', () => {
  const flood = 'a/b,'.repeat(100_000)
  const started = performance.now()
  expect(chooseMediaType(`${flood}application/cbor`, offered)).toBeNull()
  expect(chooseMediaType(`application/cbor,${flood}`, offered)).toBe('application/cbor')
  for (const hostile of [
    '"'.repeat(100_001),
    'a/b;x="\\'.repeat(20_000),
    `a/b${' ;'.repeat(50_000)}x`,
  ]) {
    expect(chooseMediaType(`${hostile}`, offered)).not.toBe('application/cbor')
  }
  expect(performance.now() - started).toBeLessThan(500)
})
