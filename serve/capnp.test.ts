import { expect, test } from 'vitest'
import { embed, printCapnp, quoted, Raw } from './capnp.ts'

test('structs, lists and references are printed, and undefined fields left out', () => {
  const value = {
    name: 'a',
    worker: new Raw('.a'),
    on: true,
    none: undefined,
    list: [1, embed('f')],
  }
  expect(printCapnp(value).replaceAll(/\s+/g, ' ')).toBe(
    '(name = "a", worker = .a, on = true, list = [ 1, embed "f" ])',
  )
})

test('a string cannot leave its quotes', () => {
  expect(quoted('a"b\\c\n\u0000ü')).toBe('"a\\"b\\\\c\\012\\000\\303\\274"')
})
