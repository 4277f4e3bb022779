import fc from 'fast-check'
import { parse } from 'graphql'
import { expect, test } from 'vitest'
import { readDocument } from './document-core.ts'

test('an operation is read with its name and the types of its variables', () => {
  const text = `# Users
    query User($id: ID!, $tags: [String!]! = ["a", "b"], $filter: Filter @x(y: 1)) @d {
      user(id: $id, in: { tags: $tags }) { ...Fields ... on Admin @skip(if: $no) { role } }
    }
    fragment Fields on User { name: fullName(max: 3.5e1, kind: SHORT, note: """a "quote" \\""" b""") }`
  const read = readDocument(text)
  expect(read).toEqual({
    kind: 'document',
    reads: new Set(['id', 'tags', 'no']),
    operations: [
      {
        kind: 'query',
        name: 'User',
        variables: [
          { name: 'id', type: { kind: 'named', name: 'ID', isRequired: true }, hasDefault: false },
          {
            name: 'tags',
            type: {
              kind: 'list',
              of: { kind: 'named', name: 'String', isRequired: true },
              isRequired: true,
            },
            hasDefault: true,
          },
          {
            name: 'filter',
            type: { kind: 'named', name: 'Filter', isRequired: false },
            hasDefault: false,
          },
        ],
      },
    ],
  })
})

test.each([
  ['{ a', 1, 4],
  ['query {\n  user(id: $id {\n    name }\n}', 2, 16],
  ['query A($a: Int = $b) { a }', 1, 19],
  ['{\r\n  a(b: 01)\r\n}', 2, 8],
  ['{ a(b: "x\n") }', 1, 8],
  ['fragment on on T { a }', 1, 10],
  ['type T { a: Int }', 1, 1],
  ['', 1, 1],
  ['{ a } }', 1, 7],
])('%j is told with line and column', (text, line, column) => {
  expect(readDocument(text)).toMatchObject({ kind: 'invalid', flaw: { line, column } })
})

test('nesting without end is a flaw, not the end of the stack', () => {
  for (const text of [
    '{a'.repeat(30_000),
    `{ a(b: ${'['.repeat(30_000)}`,
    `query ($a: ${'['.repeat(30_000)}`,
  ]) {
    expect(readDocument(text)).toMatchObject({
      kind: 'invalid',
      flaw: { expected: 'at most 100 levels' },
    })
  }
})

/** Pieces that meet each other in every way, right and wrong. */
const piece = fc.constantFrom(
  ...[
    '{ a }',
    '{',
    '}',
    '(',
    ')',
    '[',
    ']',
    'query',
    'mutation',
    'fragment',
    'on',
    'T',
    'a',
    'b: c',
    '$a',
    '$',
    ':',
  ],
  ...[
    '!',
    '=',
    '@d',
    '...',
    '...F',
    '1',
    '-0.5e3',
    '01',
    '1a',
    '"x"',
    '"\\u00e9"',
    '"\\u{1F600}"',
    '"\\q"',
    '"""b"""',
  ],
  ...[
    '"',
    '"""',
    'true',
    'null',
    '# c\n',
    ',',
    '($a: Int)',
    '(b: $a)',
    '(b: [1, {c: 2}])',
    '\uFEFF',
    'ä',
    '&',
    '|',
  ],
)
const documents = fc
  .tuple(
    fc.constantFrom(
      '',
      '{ a',
      '{ a { b } }',
      'query A($a: [ID!]! = [1]) { a',
      'fragment F on T { a',
    ),
    fc.array(piece, { maxLength: 8 }),
    fc.constantFrom('', ' }', ' } }', ') }'),
  )
  .map(([head, pieces, tail]) => `${head} ${pieces.join(' ')}${tail}`)

/** What graphql-js reads beyond the operations of the specification. */
const beyond = /\b(?:type|schema|scalar|extend|directive)\b|\{\s*[,\uFEFF]*\s*(?:#[^\n]*\n\s*)*\}/

test('what is a document is so for graphql-js too', () => {
  const seed = Date.now() % 1_000_000
  fc.assert(
    fc.property(documents, (text) => {
      const isDocument = readDocument(text).kind === 'document'
      if (beyond.test(text)) return
      expect(isDocument, JSON.stringify(text)).toBe(isParsed(text))
    }),
    { seed, numRuns: 3_000 },
  )
})

function isParsed(text: string): boolean {
  try {
    parse(text)
    return true
  } catch {
    return false
  }
}
