import { expect, test } from 'vitest'
import type * as z from 'zod/mini'
import { csvSchema, soapSchema, xmlSchema } from './schema.ts'

/** Where the problems are that a schema finds. */
function placesOf(schema: z.ZodMiniType, value: unknown): string[] {
  const parsed = schema.safeParse(value)
  return parsed.success ? [] : parsed.error.issues.map(({ path }) => path.join('.'))
}

test.each([
  {},
  { root: 'order' },
  { root: 'p:order' },
  { root: false },
  { attributePrefix: '$', textKey: '#', namespaces: 'keep' },
  { attributePrefix: '@_', textKey: '#text' },
  { attributePrefix: '-', textKey: '#text' },
  { arrays: ['a', 'a.b', 'a.b\\.c'], parseValues: true, declaration: false },
])('%j are options of XML', (value) => {
  expect(placesOf(xmlSchema, value)).toEqual([])
})

test.each([
  [{ root: 'a b' }, 'root'],
  [{ root: true }, 'root'],
  [{ root: '' }, 'root'],
  [{ attributePrefix: '' }, 'attributePrefix'],
  [{ attributePrefix: 'a' }, 'attributePrefix'],
  [{ attributePrefix: '_' }, 'attributePrefix'],
  [{ attributePrefix: ':' }, 'attributePrefix'],
  [{ textKey: 'text' }, 'textKey'],
  [{ textKey: '@text' }, 'textKey'],
  // "_" begins names of XML.
  [{ textKey: '_' }, 'textKey'],
  [{ attributePrefix: '#' }, 'attributePrefix'],
  [{ arrays: ['a..b'] }, 'arrays.0'],
  [{ arrays: [''] }, 'arrays.0'],
  [{ namespaces: 'drop' }, 'namespaces'],
])('%j are no options of XML', (value, place) => {
  expect(placesOf(xmlSchema, value)).toEqual([place])
})

test('a list of columns has one at least, and a delimiter is one of four', () => {
  expect(placesOf(csvSchema, { columns: ['a.b'], delimiter: ';', header: false })).toEqual([])
  expect(placesOf(csvSchema, { columns: [] })).toEqual(['columns'])
  expect(placesOf(csvSchema, { delimiter: '"' })).toEqual(['delimiter'])
})

test('a namespace needs the operation that it is of', () => {
  expect(placesOf(soapSchema, { version: '1.1', operation: 'A', namespace: 'u' })).toEqual([])
  expect(placesOf(soapSchema, { version: '1.1', namespace: 'u' })).toEqual(['namespace'])
  expect(placesOf(soapSchema, { version: '1.1', qualified: true })).toEqual(['qualified'])
})

test('an action cannot leave its quotes', () => {
  expect(placesOf(soapSchema, { version: '1.2', action: 'urn:a#b' })).toEqual([])
  for (const action of ['a"b', 'a\\', 'a\r\nb', 'a b']) {
    expect(placesOf(soapSchema, { version: '1.2', action })).toEqual(['action'])
  }
})
