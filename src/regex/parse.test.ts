import { expect, test } from 'vitest'
import { contains } from './char-set.ts'
import { nodesOf, optionsOf, parseRegex, startsAnchored } from './parse.ts'

/** A single-character expression agrees with the engine on these code points. */
const probes = [
  ...Array.from({ length: 0x180 }, (_, code) => code),
  ...[0x1680, 0x2000, 0x2028, 0x202f, 0x3000, 0xfeff, 0xd800, 0x1f600, 0x1f680, 0x10ffff],
]

test.each([
  'a',
  '.',
  '\\d',
  '\\D',
  '\\w',
  '\\W',
  '\\s',
  '\\S',
  '\\t',
  '\\0',
  '\\cJ',
  '\\x41',
  '\\u0041',
  '\\u{1F600}',
  '\\ud83d\\ude00',
  '\\/',
  '\\.',
  '😀',
  '[a-z]',
  '[^a-z]',
  '[\\w-]',
  '[-a]',
  '[\\-\\]]',
  '[^\\s\\d]',
  '[\\b]',
  '[\\u0041-\\u005A_]',
  '[😀-🚀]',
  '[]',
  '[^]',
  '[.*+]',
])('%s reads the characters that the engine reads', (source) => {
  const node = parseRegex(source)
  const regex = new RegExp(`^${source}$`, 'u')
  expect(node.kind).toBe('set')
  if (node.kind !== 'set') return
  for (const code of probes) {
    const holds = regex.test(String.fromCodePoint(code))
    expect(contains(node.set, code), `U+${code.toString(16)}`).toBe(holds)
  }
})

test('a class with a Unicode property is exact in ASCII and everything beyond', () => {
  const node = parseRegex('[^\\p{L}_]')
  if (node.kind !== 'set') throw new Error('expected a set')
  expect([0x41, 0x5f, 0x31, 0xe9].map((code) => contains(node.set, code))).toEqual([
    false,
    false,
    true,
    true,
  ])
})

test('quantifiers are read with their bounds', () => {
  const bounds = (source: string) => {
    const node = parseRegex(source)
    return node.kind === 'repeat' ? [node.least, node.most] : node.kind
  }
  expect(bounds('a*')).toEqual([0, Number.POSITIVE_INFINITY])
  expect(bounds('a+?')).toEqual([1, Number.POSITIVE_INFINITY])
  expect(bounds('(?:a)??')).toEqual([0, 1])
  expect(bounds('(a){3}')).toEqual([3, 3])
  expect(bounds('[a]{3,}')).toEqual([3, Number.POSITIVE_INFINITY])
  expect(bounds('(?<n>a){3,5}?')).toEqual([3, 5])
})

test('groups, lookarounds and what is not supported are told apart', () => {
  const kinds = (source: string) => [...nodesOf(parseRegex(source))].map((node) => node.kind)
  expect(kinds('(?<n>a)(?:b)(c)')).toEqual(['sequence', 'set', 'set', 'set'])
  expect(kinds('(?=a)(?!b)(?<=c)(?<!d)').filter((kind) => kind === 'look')).toHaveLength(4)
  expect(kinds('(?i:a)(?<n>b)\\k<n>\\2').filter((kind) => kind === 'unsupported')).toHaveLength(3)
  expect(kinds('^a$\\b\\B')).toEqual(['sequence', 'start', 'set', 'end', 'assertion', 'assertion'])
})

test('an expression is anchored where each alternative is', () => {
  const anchored = (source: string) => optionsOf(parseRegex(source)).every(startsAnchored)
  expect(anchored('^a|^b')).toBe(true)
  expect(anchored('(?:^a|^b)c')).toBe(true)
  expect(anchored('^a|b')).toBe(false)
  expect(anchored('(?:^a|b)c')).toBe(false)
  expect(anchored('a^')).toBe(false)
})
