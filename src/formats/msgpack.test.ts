/** Examples of the specification, and bytes that are meant to hurt. */
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { readMsgpack, writeMsgpack } from './msgpack.ts'

const bytes = (hex: string) => new Uint8Array(Buffer.from(hex, 'hex')).buffer

test.each([
  ['00', 0],
  ['7f', 127],
  ['ff', -1],
  ['cc80', 128],
  ['cd0100', 256],
  ['ce00010000', 65_536],
  ['cf000000e8d4a51000', 1_000_000_000_000],
  ['d080', -128],
  ['d18000', -32_768],
  ['d280000000', -2_147_483_648],
  ['d3ffffffffffffffff', -1],
  ['ca3f800000', 1],
  ['cb3ff199999999999a', 1.1],
  ['c0', null],
  ['c2', false],
  ['c3', true],
  ['a2c3bc', 'ü'],
  ['d9026162', 'ab'],
  ['da00026162', 'ab'],
  ['db000000026162', 'ab'],
  ['c40401020304', 'AQIDBA'],
  ['91c50001ff', ['_w']],
  ['81a161c600000001ff', { a: '_w' }],
  ['93010203', [1, 2, 3]],
  ['dc00020102', [1, 2]],
  ['dd0000000101', [1]],
  ['82a16101a162920203', { a: 1, b: [2, 3] }],
  ['de0001a16101', { a: 1 }],
  ['df00000001a16101', { a: 1 }],
  ['8101a161', { '1': 'a' }],
  ['90', []],
  ['80', {}],
])('reads %s', (hex, value) => {
  expect(readMsgpack(bytes(hex))).toEqual({ kind: 'value', value })
})

test.each([
  ['nothing', ''],
  ['a value and more', '0000'],
  ['a list cut short', '9301'],
  ['a map without its last value', '81a161'],
  ['a name that is a list', '819001'],
  ['a name that is null', '81c001'],
  ['the name __proto__', `81a9${'5f5f70726f746f5f5f'}01`],
  ['an integer that is not safe', 'cfffffffffffffffff'],
  ['a negative one', 'd38000000000000000'],
  ['not a number', 'cb7ff8000000000000'],
  ['infinity', 'ca7f800000'],
  ['a date', 'd6ff00000000'],
  ['an extension', 'c70101ff'],
  ['what is never used', 'c1'],
  ['text that is no UTF-8', 'a1ff'],
  ['text cut short', 'a5ff'],
  ['a head cut short', 'cd01'],
  ['a list of 2^32 - 1', 'ddffffffff'],
  ['a map of 2^32 - 1', 'dfffffffff'],
  ['bytes of 2^32 - 1', 'c6ffffffff'],
  ['text of 2^32 - 1', 'dbffffffff'],
  ['many lists, each as long as the rest', 'dd00010000'.repeat(50_000)],
  ['100,000 levels of lists', '91'.repeat(100_000)],
  ['100,000 levels of maps', '81a161'.repeat(100_000)],
])('refuses %s, and fast', (_, hex) => {
  const started = performance.now()
  expect(readMsgpack(bytes(hex))).toMatchObject({ kind: 'invalid' })
  expect(performance.now() - started).toBeLessThan(500)
})

test('256 levels are read, one more is not; levels that ended do not count', () => {
  expect(readMsgpack(bytes(`${'91'.repeat(256)}00`))).toMatchObject({ kind: 'value' })
  expect(readMsgpack(bytes(`${'91'.repeat(257)}00`))).toMatchObject({ kind: 'invalid' })
  expect(readMsgpack(bytes(`dc03e8${'929081a16190'.repeat(1_000)}`))).toMatchObject({
    kind: 'value',
  })
})

test('what is nothing is written as null, or left out of an object', () => {
  const written = writeMsgpack({ b: [undefined], a: undefined })
  expect(
    written.kind === 'bytes' && Buffer.from(written.bytes as ArrayBuffer).toString('hex'),
  ).toBe('81a16291c0')
  expect(writeMsgpack(undefined)).toMatchObject({ kind: 'bytes' })
})

test('a cycle, a symbol and a bigint are refused', () => {
  const cycle: { a?: unknown } = {}
  cycle.a = cycle
  for (const value of [cycle, Symbol('a'), 1n]) {
    expect(writeMsgpack(value)).toMatchObject({ kind: 'invalid' })
  }
})

test('values of JSON come back as they went', () => {
  fc.assert(
    fc.property(fc.jsonValue(), (value) => {
      const text = JSON.stringify(value)
      fc.pre(!text.includes('"__proto__"'))
      const written = writeMsgpack(value)
      if (written.kind === 'invalid') throw new Error(written.reason)
      expect(JSON.stringify(readMsgpack(written.bytes as ArrayBuffer))).toBe(
        `{"kind":"value","value":${text}}`,
      )
    }),
    { numRuns: 300 },
  )
})
