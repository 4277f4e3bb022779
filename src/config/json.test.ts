import { expect, test } from 'vitest'
import { readJson } from './json.ts'

const inFile = { comments: true }
const onWire = { comments: false }

test('plain JSON gives the value that JSON.parse gives', () => {
  const text = ' {"a": [1, -2.5e3, true, null, "\\u00e9\\n"], "b": {}, "": []} '
  expect(readJson(text, onWire)).toEqual({
    kind: 'read',
    value: JSON.parse(text),
    duplicates: [],
  })
})

test('comments and trailing commas pass in files', () => {
  const text = '// one\n{ "a": [1, 2,], /* two */ "b": "//", }'
  expect(readJson(text, inFile)).toMatchObject({ kind: 'read', value: { a: [1, 2], b: '//' } })
})

test.each([
  ['{} // a', '"/"', 'the end of the document'],
  ['[1,]', '"]"', 'a value'],
  ['{"a":1,}', '"}"', 'a key in double quotes'],
])('%s is no JSON on the wire', (text, found, expected) => {
  expect(readJson(text, onWire)).toMatchObject({ kind: 'broken', found, expected })
})

test.each([
  ['{"a" 1}', 5, '":"'],
  ['["a', 3, 'the closing double quote'],
  ['["\\q"]', 2, 'an escape of JSON such as \\n or \\u00e9'],
  ['["a\nb"]', 3, 'the closing double quote'],
  ['[01]', 2, '"," or "]"'],
  ['[+1]', 1, 'a value'],
  ['[nul]', 1, 'a value'],
  ['', 0, 'a value'],
  ['/* a', 0, 'a comment that ends with "*/"'],
])('the place of the error in %j is told', (text, offset, expected) => {
  expect(readJson(text, inFile)).toMatchObject({ kind: 'broken', offset, expected })
})

test('a broken document tells in which value it broke', () => {
  expect(readJson('{"routes": [{}, {"name": x}]}', inFile)).toMatchObject({
    path: ['routes', 1, 'name'],
    found: '"x"',
  })
})

test('equal keys of an object are told, with the last one kept', () => {
  const read = readJson('{"a": {"b": 1, "b": 2, "\\u0062": 3}}', onWire)
  expect(read).toEqual({
    kind: 'read',
    value: { a: { b: 3 } },
    duplicates: [
      ['a', 'b'],
      ['a', 'b'],
    ],
  })
})

test('the key __proto__ is data and changes no prototype', () => {
  const read = readJson('{"__proto__": {"polluted": 1}}', onWire)
  expect(read.kind === 'read' && Object.keys(read.value as object)).toEqual(['__proto__'])
  expect(({} as Record<string, unknown>).polluted).toBeUndefined()
})

test('a document nested deeper than any table ends the reading, not the stack', () => {
  const read = readJson('['.repeat(100_000), onWire)
  expect(read).toMatchObject({ kind: 'broken', expected: 'at most 200 levels' })
})

test('a byte order mark is ignored', () => {
  expect(readJson('\ufeff{}', onWire)).toMatchObject({ kind: 'read', value: {} })
})
