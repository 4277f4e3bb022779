/** Golden pairs: a value, the options, and the document; and the way back. */
import fc from 'fast-check'
import { expect, test } from 'vitest'
import type { XmlOptions } from '../schema.ts'
import { readXml } from './read.ts'
import { writeXml } from './write.ts'

const bare = { declaration: false } as const

test('a document begins with its declaration and has the root "root"', () => {
  expect(writeXml({ a: 1 }, undefined)).toEqual({
    kind: 'bytes',
    bytes: '<?xml version="1.0" encoding="UTF-8"?><root><a>1</a></root>',
  })
})

const pairs: readonly (readonly [string, unknown, XmlOptions, string])[] = [
  ['fields in their order', { b: 'x', a: true }, bare, '<root><b>x</b><a>true</a></root>'],
  ['another root', { a: 1 }, { ...bare, root: 'p:order' }, '<p:order><a>1</a></p:order>'],
  ['the only key as the root', { a: { b: 1 } }, { ...bare, root: false }, '<a><b>1</b></a>'],
  ['null', { a: null }, bare, '<root><a/></root>'],
  ['nothing', { a: undefined, b: 1 }, bare, '<root><b>1</b></root>'],
  ['the empty text', { a: '' }, bare, '<root><a/></root>'],
  ['an empty object', { a: {} }, bare, '<root><a/></root>'],
  ['an empty list', { a: [], b: 1 }, bare, '<root><b>1</b></root>'],
  ['no fields at all', {}, bare, '<root/>'],
  ['a list', { a: [1, null, { b: 2 }] }, bare, '<root><a>1</a><a/><a><b>2</b></a></root>'],
  [
    'a list in a list',
    { a: [[1, 2], []] },
    bare,
    '<root><a><item>1</item><item>2</item></a><a/></root>',
  ],
  ['a list as the value', [1, { a: 2 }], bare, '<root><item>1</item><item><a>2</a></item></root>'],
  ['text as the value', 'x', bare, '<root>x</root>'],
  ['null as the value', null, bare, '<root/>'],
  ['attributes', { '@id': 7, '@on': false, a: 1 }, bare, '<root id="7" on="false"><a>1</a></root>'],
  ['attributes of null', { '@id': null, '@on': undefined }, bare, '<root/>'],
  ['text beside attributes', { '@id': 1, '#text': 'x' }, bare, '<root id="1">x</root>'],
  ['text beside elements', { a: 1, '#text': 'x' }, bare, '<root>x<a>1</a></root>'],
  [
    'other signs',
    { $id: 1, '#': 'x' },
    { ...bare, attributePrefix: '$', textKey: '#' },
    '<root id="1">x</root>',
  ],
  ['signs of markup', { a: `<&>"'` }, bare, `<root><a>&lt;&amp;&gt;"'</a></root>`],
  [
    'signs of markup in attributes',
    { '@a': `<&>"'\t\r\n` },
    bare,
    `<root a="&lt;&amp;&gt;&quot;'&#9;&#13;&#10;"/>`,
  ],
  ['the end of a CDATA section', { a: ']]>' }, bare, '<root><a>]]&gt;</a></root>'],
  ['a carriage return', { a: '1\r\n2' }, bare, '<root><a>1&#13;\n2</a></root>'],
  [
    'numbers as JSON has them',
    { a: 1e21, b: -0.5, c: Number.NaN },
    bare,
    '<root><a>1e+21</a><b>-0.5</b><c/></root>',
  ],
  ['namespaces', { '@xmlns:p': 'u', 'p:a': 1 }, bare, '<root xmlns:p="u"><p:a>1</p:a></root>'],
]

test.each(pairs)('writes %s', (_, value, options, document) => {
  expect(writeXml(value, options)).toEqual({ kind: 'bytes', bytes: document })
})

test('a name that objects have is a name like any other', () => {
  const value = JSON.parse('{"__proto__":1,"constructor":2}') as unknown
  expect(writeXml(value, bare)).toMatchObject({
    bytes: '<root><__proto__>1</__proto__><constructor>2</constructor></root>',
  })
})

test.each([
  ['a name with a blank', { 'a b': 1 }, 'in root: "a b"'],
  [
    'a name of a list',
    { orders: { items: [1, { '1st': 2 }] } },
    'in root: in orders: in items: "1st"',
  ],
  ['an empty name', { '': 1 }, 'in root: ""'],
  ['markup in a name', { 'a><b': 1 }, 'in root: "a><b"'],
  ['an attribute that is no name', { '@': 1 }, 'in root: "@"'],
  ['markup in the name of an attribute', { '@a="1" b': 1 }, 'in root: "@a='],
  ['an attribute that is an object', { '@a': {} }, 'in root: "@a"'],
  ['text that is a list', { '#text': [1] }, 'in root: "#text"'],
  ['NUL in text', { a: '\u0000' }, 'in root: in a:'],
  ['half of a character', { a: '\ud800' }, 'in root: in a:'],
  ['U+FFFE in an attribute', { '@a': '\ufffe' }, 'in root: "@a"'],
  ['a bigint', { a: 1n }, 'in root: in a:'],
])('refuses %s and says where it stands', (_, value, place) => {
  const written = writeXml(value, bare)
  expect(written.kind).toBe('invalid')
  expect(written.kind === 'invalid' && written.reason.startsWith(place)).toBe(true)
})

test('a value without a single key has no root of its own', () => {
  for (const value of [{}, { a: 1, b: 2 }, 'x', null, [1]]) {
    expect(writeXml(value, { root: false })).toMatchObject({ kind: 'invalid' })
  }
})

test('a value that is too deep, or has no end, is refused', () => {
  let deep: unknown = 1
  for (let level = 0; level < 300; level++) deep = { a: deep }
  expect(writeXml(deep, bare)).toMatchObject({ kind: 'invalid' })
  const cycle: { a?: unknown } = {}
  cycle.a = cycle
  expect(writeXml(cycle, bare)).toMatchObject({ kind: 'invalid' })
})

/** What XML can carry: text and attributes, and elements by name. */
const text = fc
  .string({ unit: 'binary', maxLength: 12 })
  .filter((value) => !/[\0-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]/.test(value))
const name = fc.stringMatching(/^[A-Za-z_ßé][A-Za-z0-9_.-]{0,6}$/)
const { element } = fc.letrec<{ element: unknown; list: unknown }>((tie) => ({
  element: fc.oneof(
    { depthSize: 'small' },
    text,
    fc
      .tuple(
        fc.dictionary(
          name.map((key) => `@${key}`),
          text,
          { maxKeys: 3 },
        ),
        fc.dictionary(name, tie('list'), { minKeys: 1, maxKeys: 4 }),
      )
      .map(([attributes, fields]) => ({ ...attributes, ...fields })),
  ),
  // A list of one is the same as its member without `arrays`.
  list: fc.oneof(tie('element'), fc.array(tie('element'), { minLength: 2, maxLength: 4 })),
}))

test('what XML can carry comes back as it went', () => {
  fc.assert(
    fc.property(name, element, (root, value) => {
      const written = writeXml({ [root]: value }, { root: false })
      if (written.kind === 'invalid') throw new Error(written.reason)
      expect(readXml(written.bytes as string, undefined)).toEqual({
        kind: 'value',
        value: { [root]: value },
      })
    }),
    { numRuns: 300 },
  )
})
