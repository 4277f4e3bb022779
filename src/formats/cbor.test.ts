/** Examples of RFC 8949 appendix A, and bytes that are meant to hurt. */
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { readCbor, writeCbor } from './cbor.ts'

const bytes = (hex: string) => new Uint8Array(Buffer.from(hex, 'hex')).buffer

test.each([
  ['00', 0],
  ['1864', 100],
  ['1b000000e8d4a51000', 1_000_000_000_000],
  ['3903e7', -1_000],
  // A number in more bytes than it needs.
  ['1900ff', 255],
  ['f93c00', 1],
  ['fb3ff199999999999a', 1.1],
  ['f4', false],
  ['f6', null],
  ['f7', null],
  ['62c3bc', 'ü'],
  ['4401020304', 'AQIDBA'],
  ['41ff', '_w'],
  ['c074323031332d30332d32315432303a30343a30305a', '2013-03-21T20:04:00Z'],
  ['c11a514b67b0', 1_363_896_240],
  ['d9d9f783010203', [1, 2, 3]],
  ['8301820203820405', [1, [2, 3], [4, 5]]],
  ['9f018202039f0405ffff', [1, [2, 3], [4, 5]]],
  ['a26161016162820203', { a: 1, b: [2, 3] }],
  ['bf61610161629f0203ffff', { a: 1, b: [2, 3] }],
  ['80', []],
  ['a0', {}],
  ['82a080', [{}, []]],
])('reads %s', (hex, value) => {
  expect(readCbor(bytes(hex))).toEqual({ kind: 'value', value })
})

test.each([
  ['nothing', ''],
  ['a value and more', '0000'],
  ['a list cut short', '8301'],
  ['a map without its last value', 'a16161'],
  ['a name that is a number', 'a10102'],
  ['a name twice', 'a2616101616102'],
  ['an integer that is not safe', '1bffffffffffffffff'],
  ['a negative one', '3bffffffffffffffff'],
  ['a bignum', 'c249010000000000000000'],
  ['not a number', 'f97e00'],
  ['infinity', 'f97c00'],
  ['a tag that nobody knows', 'd82301'],
  ['a break out of place', 'ff'],
  ['a break in a list of known length', '82ff01'],
  ['text that is no UTF-8', '61ff'],
  ['longer text that is no UTF-8', `7828${'61'.repeat(39)}ff`],
  ['a reserved head', '1c'],
  ['a simple value that nobody knows', 'f8ff'],
  ['a list of 2^32 - 1', '9affffffff'],
  ['a list of 2^64 - 1', '9bffffffffffffffff'],
  ['a map of 2^32 - 1', 'baffffffff'],
  ['bytes of 2^32 - 1', '5affffffff'],
  ['text of 2^53', '7b0020000000000000'],
  ['many lists of 2^32 - 1', '9affffffff'.repeat(200)],
  ['100,000 levels of lists', '81'.repeat(100_000)],
  ['100,000 levels of lists that end somewhere', '9f'.repeat(100_000)],
  ['100,000 levels of maps', 'a16161'.repeat(100_000)],
  ['100,000 levels of tags', 'd9d9f7'.repeat(100_000)],
])('refuses %s, and fast', (_, hex) => {
  const started = performance.now()
  expect(readCbor(bytes(hex))).toMatchObject({ kind: 'invalid' })
  expect(performance.now() - started).toBeLessThan(500)
})

test('256 levels are read, one more is not; levels that ended do not count', () => {
  expect(readCbor(bytes(`${'81'.repeat(256)}00`))).toMatchObject({ kind: 'value' })
  expect(readCbor(bytes(`${'81'.repeat(257)}00`))).toMatchObject({ kind: 'invalid' })
  expect(readCbor(bytes(`${'9f'.repeat(256)}${'ff'.repeat(256)}`))).toMatchObject({ kind: 'value' })
  expect(readCbor(bytes(`9903e8${'82809fff'.repeat(1_000)}`))).toMatchObject({ kind: 'value' })
  expect(readCbor(bytes(`9903e8${'a161618180'.repeat(1_000)}`))).toMatchObject({ kind: 'value' })
})

test('a name that objects have is data', () => {
  expect(JSON.stringify(readCbor(bytes('a1695f5f70726f746f5f5fa1616101')))).toBe(
    '{"kind":"value","value":{"__proto__":{"a":1}}}',
  )
})

test('keys stay in their order, and nothing is written as null', () => {
  const written = writeCbor({ bb: [undefined], a: undefined, c: null })
  expect(
    written.kind === 'bytes' && Buffer.from(written.bytes as ArrayBuffer).toString('hex'),
  ).toBe('a262626281f66163f6')
  expect(writeCbor(undefined)).toMatchObject({ kind: 'bytes' })
})

test('a cycle, a symbol and a function are refused', () => {
  const cycle: { a?: unknown } = {}
  cycle.a = cycle
  for (const value of [cycle, Symbol('a'), () => 1]) {
    expect(writeCbor(value)).toMatchObject({ kind: 'invalid' })
  }
})

test('values of JSON come back as they went', () => {
  fc.assert(
    fc.property(fc.jsonValue(), (value) => {
      const written = writeCbor(value)
      if (written.kind === 'invalid') throw new Error(written.reason)
      const read = readCbor(written.bytes as ArrayBuffer)
      expect(JSON.stringify(read)).toBe(JSON.stringify({ kind: 'value', value }))
    }),
    { numRuns: 300 },
  )
})
