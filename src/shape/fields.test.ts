import fc from 'fast-check'
import { expect, test } from 'vitest'
import { type FieldTree, parseFields, selectFields } from './fields.ts'

/** The tree as nested objects: `true` is all of it. */
function shown({ below }: FieldTree): unknown {
  if (below.size === 0) return true
  return Object.fromEntries([...below].map(([name, tree]) => [name, shown(tree)]))
}

function parsed(text: string): unknown {
  const tree = parseFields(text)
  return tree === null ? null : shown(tree)
}

test.each([
  ['a', { a: true }],
  ['a,b.c', { a: true, b: { c: true } }],
  ['b.c,b.d', { b: { c: true, d: true } }],
  ['a(b,c)', { a: { b: true, c: true } }],
  ['a(b(c,d.e),f),g', { a: { b: { c: true, d: { e: true } }, f: true }, g: true }],
  ['a.b(c)', { a: { b: { c: true } } }],
  ['a,a.b', { a: true }],
  ['a.b,a', { a: true }],
  ['a.b.c,a.b,a.b.d', { a: { b: true } }],
  ['a,a(b,c)', { a: true }],
  ['a,a', { a: true }],
  [' a , b . c ', { a: true, b: { c: true } }],
  ['a (b) , c', { a: { b: true }, c: true }],
  ['first name', { 'first name': true }],
  ['a\\.b,c\\,d,e\\(f\\),g\\\\', { 'a.b': true, 'c,d': true, 'e(f)': true, 'g\\': true }],
  ['constructor,toString', { constructor: true, toString: true }],
  ['été,😀', { été: true, '😀': true }],
])('%s is read', (text, tree) => {
  expect(parsed(text)).toEqual(tree)
})

test.each([
  '',
  ' ',
  ',',
  'a,',
  ',a',
  'a,,b',
  '.',
  'a.',
  '.a',
  'a..b',
  'a. .b',
  'a(',
  'a)',
  'a()',
  'a(b',
  'a(b))',
  'a(b)c',
  'a(b).c',
  '(a)',
  'a(,b)',
  'a\\',
  'a\\b',
  'a\u0000',
  'a\tb',
  'a,\nb',
  'a\u0085',
])('%j is no list of fields', (text) => {
  expect(parseFields(text)).toBeNull()
})

test('as many names as a form needs are read, as deep and as long, and no more', () => {
  const names = (count: number) => Array.from({ length: count }, (_, at) => `f${at}`).join(',')
  expect(parseFields(names(200))).not.toBeNull()
  expect(parseFields(names(201))).toBeNull()
  // One name said again and again is work too.
  expect(parseFields('a,'.repeat(200).concat('a'))).toBeNull()
  const deep = (levels: number) => Array.from({ length: levels }, () => 'a').join('.')
  expect(parseFields(deep(16))).not.toBeNull()
  expect(parseFields(deep(17))).toBeNull()
  expect(parseFields(`${'a('.repeat(15)}a${')'.repeat(15)}`)).not.toBeNull()
  expect(parseFields(`${'a('.repeat(16)}a${')'.repeat(16)}`)).toBeNull()
  expect(parseFields('('.repeat(4000))).toBeNull()
  expect(parseFields('a'.repeat(4096))).not.toBeNull()
  expect(parseFields('a'.repeat(4097))).toBeNull()
})

function select(text: string, value: unknown): unknown {
  const tree = parseFields(text)
  if (tree === null) throw new Error('no list of fields')
  return selectFields(value, tree)
}

test('members stay in the order of the body', () => {
  expect(JSON.stringify(select('c,a', { a: 1, b: 2, c: 3 }))).toBe('{"a":1,"c":3}')
})

test('dots lead through lists, and lists within lists', () => {
  const value = { items: [{ id: 1, more: { x: 1, y: 2 } }, { id: 2 }, [{ id: 3, z: 1 }]] }
  expect(select('items(id,more.x)', value)).toEqual({
    items: [{ id: 1, more: { x: 1 } }, { id: 2 }, [{ id: 3 }]],
  })
})

test('names that are not there are nothing', () => {
  expect(select('b,a.x.y', { a: { c: 1 } })).toEqual({ a: {} })
  expect(select('toString,constructor,__proto__', { a: 1 })).toEqual({})
})

test('what is no object where names lead further stays', () => {
  expect(select('a.b,c.d,e.f', { a: null, c: 'text', e: [1, { f: 2, g: 3 }] })).toEqual({
    a: null,
    c: 'text',
    e: [1, { f: 2 }],
  })
  expect(select('a', 7)).toBe(7)
})

test('__proto__ and constructor are names like any other', () => {
  const value = JSON.parse('{"__proto__":{"a":1,"b":2},"constructor":3,"c":4}') as unknown
  const selected = select('__proto__.a,constructor', value)
  expect(JSON.stringify(selected)).toBe('{"__proto__":{"a":1},"constructor":3}')
  expect(Object.getPrototypeOf(selected)).toBe(Object.prototype)
  expect(({} as { a?: unknown }).a).toBeUndefined()
})

test('what is chosen whole is shared with the body', () => {
  const value = { a: { deep: [1, 2] }, b: 1 }
  expect((select('a', value) as typeof value).a).toBe(value.a)
})

test('nothing but levels of lists ends no stack', () => {
  let value: unknown = { a: 1, b: 2 }
  for (let level = 0; level < 100_000; level += 1) value = [value]
  expect(() => select('a', value)).not.toThrow()
})

const name = fc.oneof(fc.constantFrom('a', 'b', 'c', '__proto__', 'x.y', 'p(q)'), fc.string())
const usable = name.filter((text) => text.trim() === text && text !== '' && escaped(text) !== null)
const path = fc.array(usable, { minLength: 1, maxLength: 4 })
const anyPaths = fc.array(path, { minLength: 1, maxLength: 6 })

/** The name as it is written in a list; null where no list can have it. */
function escaped(text: string): string | null {
  return /[\u0000-\u001f\u007f-\u009f]/.test(text) ? null : text.replace(/[\\.,()]/g, '\\$&')
}

function written(paths: readonly (readonly string[])[]): string {
  return paths.map((names) => names.map(escaped).join('.')).join(',')
}

test('a member is there exactly where a path leads to it, or from above through it', () => {
  fc.assert(
    fc.property(anyPaths, fc.jsonValue({ maxDepth: 4 }), (paths, body) => {
      const text = written(paths)
      fc.pre(text.length <= 4096)
      const value = within(paths, body)
      const all = leavesOf(select(text, value))
      const expected = leavesOf(value).filter(({ names }) =>
        paths.some((path) => path.every((part, at) => at >= names.length || part === names[at])),
      )
      expect(all).toEqual(expected)
    }),
  )
})

/** A body that has some of the paths. */
function within(paths: readonly (readonly string[])[], body: unknown): unknown {
  const members = new Map<string, unknown>([['other', body]])
  for (const [first, ...rest] of paths) {
    if (first === undefined || members.has(first)) continue
    members.set(first, rest.length === 0 ? body : [within([rest], body), body])
  }
  return Object.fromEntries(members)
}

interface Leaf {
  readonly names: readonly string[]
  readonly value: unknown
}

/** What is no object or list, under the names that lead to it. */
function leavesOf(value: unknown, names: readonly string[] = []): readonly Leaf[] {
  if (Array.isArray(value)) return value.flatMap((element) => leavesOf(element, names))
  if (typeof value !== 'object' || value === null) return [{ names, value }]
  return Object.entries(value).flatMap(([name, member]) => leavesOf(member, [...names, name]))
}

test('choosing again what was chosen changes nothing', () => {
  fc.assert(
    fc.property(anyPaths, fc.jsonValue(), (paths, body) => {
      const text = written(paths)
      fc.pre(text.length <= 4096)
      const once = select(text, within(paths, body))
      expect(select(text, once)).toEqual(once)
    }),
  )
})

test('no text breaks the reader, and what it reads is within its bounds', () => {
  const any = fc.array(fc.constantFrom('a', 'b', ',', '.', '(', ')', '\\', ' ', '\u0000', 'é'))
  fc.assert(
    fc.property(any, (letters) => {
      const tree = parseFields(letters.join(''))
      return tree === null || tree.below.size > 0
    }),
  )
})
