import { expect, test } from 'vitest'
import { readJson, writeJson } from './json.ts'

test('of a repeated name the last counts', () => {
  expect(readJson('{"a":1,"a":2}')).toEqual({ kind: 'value', value: { a: 2 } })
})

test.each(['', ' ', '{', '{"a":1,}', "{'a':1}", 'NaN', 'undefined', '[1]x', '01', '"\t"'])(
  '%j is no JSON',
  (text) => {
    expect(readJson(text)).toMatchObject({ kind: 'invalid' })
  },
)

const nested = (levels: number, inside: string) =>
  `${'[{"a":'.repeat(levels / 2)}${inside}${'}]'.repeat(levels / 2)}`

test('256 levels are read, one more is not', () => {
  expect(readJson(nested(256, '1'))).toMatchObject({ kind: 'value' })
  expect(readJson(nested(256, '[]'))).toMatchObject({ kind: 'invalid' })
  expect(readJson(nested(256, '{}'))).toMatchObject({ kind: 'invalid' })
  expect(readJson('['.repeat(1_000_000))).toMatchObject({ kind: 'invalid' })
})

test('brackets in strings are no levels, however they are escaped', () => {
  for (const text of [
    '['.repeat(1_000),
    '\\"['.repeat(500),
    '\\',
    '\\\\"[',
    `${'\\'.repeat(9)}"[`,
  ]) {
    const value = [text, [text], { [text]: text }]
    expect(readJson(JSON.stringify(value))).toEqual({ kind: 'value', value })
  }
  // The string ends before the brackets.
  expect(readJson(`["\\\\",${'['.repeat(600)}`)).toMatchObject({
    reason: expect.stringContaining('levels'),
  })
})

test('many small levels side by side are not deep', () => {
  expect(readJson(`[${'[{}],'.repeat(1_000)}[]]`)).toMatchObject({ kind: 'value' })
})

test('a name that objects have is data', () => {
  expect(JSON.stringify(readJson('{"__proto__":{"a":1}}'))).toBe(
    '{"kind":"value","value":{"__proto__":{"a":1}}}',
  )
})

test('what is nothing is written as null', () => {
  expect(writeJson(undefined)).toEqual({ kind: 'bytes', bytes: 'null' })
  expect(writeJson({ a: undefined, b: [undefined, Number.NaN] })).toEqual({
    kind: 'bytes',
    bytes: '{"b":[null,null]}',
  })
})

test('a bigint and a cycle are refused', () => {
  const cycle: { a?: unknown } = {}
  cycle.a = cycle
  for (const value of [1n, cycle]) expect(writeJson(value)).toMatchObject({ kind: 'invalid' })
})

test('a value of 100,000 levels does not make writing throw', () => {
  let deep: unknown = 1
  for (let level = 0; level < 100_000; level++) deep = [deep]
  // Whether the stack is enough for it differs from one V8 to the next.
  expect(['bytes', 'invalid']).toContain(writeJson(deep).kind)
})
