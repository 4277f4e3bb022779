import { expect, test } from 'vitest'
import { parseToml } from './toml.ts'

test('tables, arrays of tables and values are read', () => {
  const text = `
name = "gate" # with a comment
count = 1_000
flags = [
  "a#b", # why
  'c',
]
[vars]
URL = "https://a.example/#x"
on = true
[[kv.namespaces]]
binding = "A"
[[kv.namespaces]]
binding = "B"
[kv.namespaces.more]
x = -1.5
`
  expect(parseToml(text)).toEqual({
    name: 'gate',
    count: 1000,
    flags: ['a#b', 'c'],
    vars: { URL: 'https://a.example/#x', on: true },
    kv: { namespaces: [{ binding: 'A' }, { binding: 'B', more: { x: -1.5 } }] },
  })
})

test.each(['a = { b = 1 }', 'a = 2026-11-09', 'a', 'a = "x', '"quoted key" = 1'])(
  '%s is an error that names its line, not a guess',
  (line) => {
    expect(() => parseToml(`ok = 1\n${line}`)).toThrow(/wrangler\.toml:2/)
  },
)
