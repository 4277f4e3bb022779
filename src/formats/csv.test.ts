/** Golden pairs of CSV, both ways. */
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { readCsv } from './csv-read.ts'
import { writeCsv } from './csv-write.ts'
import type { CsvOptions } from './schema.ts'

const written: readonly (readonly [string, unknown, CsvOptions, string])[] = [
  [
    'a header and rows',
    [
      { a: 1, b: 'x' },
      { a: 2, b: 'y' },
    ],
    {},
    'a,b\r\n1,x\r\n2,y\r\n',
  ],
  ['keys of all rows', [{ a: 1 }, { b: 2 }], {}, 'a,b\r\n1,\r\n,2\r\n'],
  ['one object as one row', { a: 1 }, {}, 'a\r\n1\r\n'],
  ['no rows', [], {}, ''],
  ['no rows, columns known', [], { columns: ['a', 'b'] }, 'a,b\r\n'],
  ['no header', [{ a: 1 }], { header: false }, '1\r\n'],
  ['chosen columns', [{ a: 1, b: 2, c: 3 }], { columns: ['c', 'a', 'x'] }, 'c,a,x\r\n3,1,\r\n'],
  [
    'dotted columns',
    [{ a: { b: 1 }, 'x.y': 2 }],
    { columns: ['a.b', 'x\\.y', 'a.b.c'] },
    'a.b,x\\.y,a.b.c\r\n1,2,\r\n',
  ],
  ['another delimiter', [{ a: 'x,y', b: 'p;q' }], { delimiter: ';' }, 'a;b\r\nx,y;"p;q"\r\n'],
  [
    'tabs',
    [{ a: 'x\ty', b: 1 }],
    { delimiter: '\t', escapeFormulas: false },
    'a\tb\r\n"x\ty"\t1\r\n',
  ],
  [
    'what needs quotes',
    [{ a: 'x,y', b: 'p"q', c: '1\n2', d: ' e' }],
    {},
    'a,b,c,d\r\n"x,y","p""q","1\n2"," e"\r\n',
  ],
  ['a name that needs quotes', [{ 'a,b': 1 }], {}, '"a,b"\r\n1\r\n'],
  ['null, nothing and truth', [{ a: null, b: undefined, c: true }], {}, 'a,b,c\r\n,,true\r\n'],
  ['what is nested', [{ a: { b: [1] }, c: [] }], {}, 'a,c\r\n"{""b"":[1]}",[]\r\n'],
  ['a line that would be empty', [{ a: null }], {}, 'a\r\n""\r\n'],
  [
    'names that objects have',
    [JSON.parse('{"__proto__":1}'), {}],
    { columns: ['__proto__', 'constructor'] },
    '__proto__,constructor\r\n1,\r\n,\r\n',
  ],
  [
    'formulas as text',
    [{ a: '=1+1', b: '@x', c: '+cmd', d: '-x', e: '\tx' }],
    {},
    "a,b,c,d,e\r\n'=1+1,'@x,'+cmd,'-x,'\tx\r\n",
  ],
  ['formulas in names', [{ '=a': 1 }], {}, "'=a\r\n1\r\n"],
  ['numbers with a sign', [{ a: -1, b: '-1.5', c: '+49' }], {}, 'a,b,c\r\n-1,-1.5,+49\r\n'],
  ['formulas where that is wanted', [{ a: '=1+1' }], { escapeFormulas: false }, 'a\r\n=1+1\r\n'],
]

test.each(written)('writes %s', (_, value, options, text) => {
  expect(writeCsv(value, options)).toEqual({ kind: 'bytes', bytes: text })
})

test.each([
  ['text', 'x'],
  ['null', null],
  ['a list of numbers', [1, 2]],
  ['a list of lists', [[1], [2]]],
  ['a cell that is no JSON', [{ a: 1n }]],
  ['a row that is null', [{ a: 1 }, null]],
  [
    'a row with more keys than there may be columns',
    [Object.fromEntries(Array.from({ length: 1_001 }, (_, n) => [`k${n}`, n]))],
  ],
])('writes no CSV from %s', (_, value) => {
  expect(writeCsv(value, {})).toMatchObject({ kind: 'invalid' })
})

const read: readonly (readonly [string, string, CsvOptions, unknown])[] = [
  [
    'rows by the header',
    'a,b\r\n1,x\r\n2,y\r\n',
    {},
    [
      { a: '1', b: 'x' },
      { a: '2', b: 'y' },
    ],
  ],
  ['a last line without end', 'a\n1', {}, [{ a: '1' }]],
  ['quotes', 'a,b\r\n"x,y","p""q\r\nr"\r\n', {}, [{ a: 'x,y', b: 'p"q\r\nr' }]],
  [
    'empty cells',
    'a,b\r\n,\r\n"",""\r\n',
    {},
    [
      { a: '', b: '' },
      { a: '', b: '' },
    ],
  ],
  ['a line that is short', 'a,b\r\n1\r\n', {}, [{ a: '1' }]],
  ['an end of line by carriage return', 'a\r1\r', {}, [{ a: '1' }]],
  ['another delimiter', 'a|b\n1|2', { delimiter: '|' }, [{ a: '1', b: '2' }]],
  [
    'names from the options',
    '1,2\r\n',
    { header: false, columns: ['a', 'b'] },
    [{ a: '1', b: '2' }],
  ],
  ['rows without names', '1,2\r\n', { header: false }, [['1', '2']]],
  ['a header alone', 'a,b\r\n', {}, []],
  ['nothing', '', {}, []],
]

test.each(read)('reads %s', (_, text, options, value) => {
  expect(readCsv(text, options)).toEqual({ kind: 'value', value })
})

test.each([
  ['a quote without end', 'a\r\n"x'],
  ['a quote within a cell', 'a\r\nx"y\r\n'],
  ['text behind a quoted cell', 'a\r\n"x"y\r\n'],
  ['a line that is long', 'a\r\n1,2\r\n'],
  ['two columns of one name', 'a,a\r\n1,2\r\n'],
  ['more columns than there may be', `${'a,'.repeat(2_000)}\r\n`],
])('refuses %s', (_, text) => {
  expect(readCsv(text, {})).toMatchObject({ kind: 'invalid' })
})

test('a column may have the name of what all objects have', () => {
  expect(JSON.stringify(readCsv('__proto__,constructor\n1,2', {}))).toBe(
    '{"kind":"value","value":[{"__proto__":"1","constructor":"2"}]}',
  )
})

test('a megabyte of quotes is judged fast', () => {
  const started = performance.now()
  readCsv(`a\r\n${'"'.repeat(1_000_000)}`, {})
  readCsv('"a'.repeat(500_000), {})
  readCsv(`a\r\n${'1\r\n'.repeat(300_000)}`, {})
  expect(performance.now() - started).toBeLessThan(2_000)
})

test('rows of text come back as they went', () => {
  const cell = fc.string({ unit: 'grapheme', maxLength: 8 })
  const rows = fc.array(fc.record({ a: cell, 'b,"c"': cell }), { minLength: 1, maxLength: 5 })
  const options = fc.constantFrom<CsvOptions>(
    { escapeFormulas: false },
    { escapeFormulas: false, delimiter: ';' },
    { escapeFormulas: false, delimiter: '\t' },
  )
  fc.assert(
    fc.property(rows, options, (value, how) => {
      const csv = writeCsv(value, how)
      if (csv.kind === 'invalid') throw new Error(csv.reason)
      expect(readCsv(csv.bytes as string, how)).toEqual({ kind: 'value', value })
    }),
    { numRuns: 200 },
  )
})
