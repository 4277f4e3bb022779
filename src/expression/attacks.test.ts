/** Expressions that cost far more than they look, and bodies that make plain ones do so. Each ends at once, by a count. */
import { expect, test } from 'vitest'
import { makeExchange, START } from '../../test/exchange.ts'
import { compileExpression, type Evaluated } from './expression.ts'
import type { Limits } from './run.ts'

const exchange = makeExchange()
// Each takes less than a tenth of it; without its bound each takes minutes, or all the memory there is.
const timeout = 5000

function evaluate(
  text: string,
  input: unknown = {},
  limits: Partial<Limits> = {},
): Promise<Evaluated> {
  const compiled = compileExpression(text)
  if (compiled.kind === 'invalid') throw new TypeError(`${text}: expected ${compiled.reason}`)
  return compiled.expression.evaluate(input, { exchange, now: START, limits })
}

const limited = (limit: string) => ({ kind: 'limited', limit })
const many = (count: number, make: (index: number) => unknown) =>
  Array.from({ length: count }, (_, index) => make(index))

/** Applies a step of doubling a hundred times. */
const doubled = (step: string, start = '"abcdefgh"', end = '$x') =>
  `($d := function($x, $n) { $n = 0 ? ${end} : $d(${step}, $n - 1) }; $d(${start}, 100))`

test.each([
  '$pad("a", 50000000)',
  '$eval(a)',
  '($f := $pad; $f("a", 50000000))',
  'a.$eval()',
  '$map(a, $eval)',
])('%s is refused when it is compiled', (text) => {
  expect(compileExpression(text).kind).toBe('invalid')
})

test.each([
  '$match(a, /^(a+)+$/)',
  '$contains(a, /(a|A)*b/i)',
  '$replace(a, /(x+x+)+y/, "")',
  '[/a+b/]',
])('%s, which is not linear, is refused when it is compiled', (text) => {
  expect(compileExpression(text).kind).toBe('invalid')
})

test.each([
  ['[1..2000].([1..2000].($))', 'steps'],
  ['[1..10001]', 'items'],
  ['[0..9999999]', 'items'],
  ['[1..1e300]', 'items'],
  ['($f := function($n) { $f($n + 1) }; $f(0))', 'steps'],
  ['($f := function($n) { 1 + $f($n + 1) }; $f(0))', 'depth'],
  ['($f := function($n) { [$f($n + 1), $f($n + 1)] }; $f(0))', 'depth'],
  [doubled('$x & $x'), 'steps'],
  [doubled('$append($x, $x)', '[1..100]'), 'steps'],
  [doubled('[$x, $x]', '[1..100]'), 'steps'],
  [doubled('{ "a": $x, "b": $x }'), 'bytes'],
  [doubled('{ "a": $x, "b": $x }', '1', '$string($x)'), 'bytes'],
  [doubled('{ "a": $x, "b": $x }', '1', '$x & ""'), 'bytes'],
  [doubled('{ "a": $x, "b": $x }', '1', '$count($x.**)'), 'steps'],
  [doubled('{ "a": $x, "b": $x }', '1', '$clone($x)'), 'bytes'],
  [doubled('{ "a": $x, "b": $x }', '1', '$x ~> |$|{}|'), 'bytes'],
  [doubled('$replace($x, "a", $x)', '"aaaaaaaa"'), 'bytes'],
  [doubled('$replace($x, /a/, $x)', '"aaaaaaaa"'), 'steps'],
  [doubled('$join([$x, $x, $x])'), 'bytes'],
  [doubled('$base64encode($x)'), 'steps'],
  [doubled('$zip($x, $x)', '[1..100]'), 'bytes'],
  [doubled('$string({ "a": $x, "b": [$x] }, true)'), 'bytes'],
  [doubled('$merge([$x, { $string($n): $x }])', '{}'), 'bytes'],
  ['$ ~> |$|{ "self": $ }|', 'depth'],
  ['($a := {} ~> |$|{ "self": $ }|; $a.** = 1)', 'depth'],
  ['$map([1..10000], function($i) { $map([1..10000], $string) })', 'steps'],
  ['$reduce([1..10000], function($all, $i) { $append($all, [1..1000]) })', 'steps'],
  ['$formatInteger(1e300, "I")', 'depth'],
])('%s ends with %s', { timeout }, async (text, limit) => {
  expect(await evaluate(text)).toEqual(limited(limit))
})

test('values that are equal in all of a great many shared parts are not compared part by part', {
  timeout,
}, async () => {
  const pair =
    '($d := function($x, $n) { $n = 0 ? $x : $d({ "a": $x, "b": $x }, $n - 1) }; $d(1, 60) = $d(1, 60))'
  expect(await evaluate(pair)).toEqual(limited('steps'))
})

const matrix = {
  items: many(5000, (id) => ({ id })),
  matrix: many(300, () => many(300, () => ({ v: 1 }))),
}
const keyed = Object.fromEntries(
  many(100_000, (index) => index).map((index) => [`k${index}`, [index]]),
)
const same = { items: many(90_000, () => ({ c: 'x' })) }
const objects = { items: many(20_000, (id) => ({ id })) }
const numbers = { items: many(100_000, (index) => (index * 7919) % 100_003) }

test.each<[string, string, unknown, string]>([
  ['a list in lists, read for each of many', 'items.{ "v": $$.matrix.v }', matrix, 'steps'],
  [
    'a list, added up for each of many',
    'items.{ "v": $sum($$.n) }',
    { items: matrix.items, n: many(50_000, Number) },
    'steps',
  ],
  ['all below the root, for each of many', 'items.{ "v": $count($$.**) }', matrix, 'steps'],
  [
    'members of an object, for each of many',
    'items.{ "v": $keys($$.o) }',
    { items: matrix.items, o: keyed },
    'steps',
  ],
  [
    'each element bound beside each',
    'items@$x.$$.items@$y.{ "x": $x.id, "y": $y.id }',
    objects,
    'steps',
  ],
  ['as many filters as numbers', 'items[$$.items]', numbers, 'steps'],
  ['one group of all', 'items{ c: $count($) }', same, 'steps'],
  ['objects that all differ', '$distinct(items)', objects, 'steps'],
  ['a list sorted by a function', '$sort(items, function($l, $r) { $l > $r })', numbers, 'steps'],
  [
    'a list sorted by a function that always swaps',
    '$sort(items, function($l, $r) { true })',
    numbers,
    'steps',
  ],
  ['a list in order', 'items^($)', numbers, 'steps'],
  ['a long text in many parts', '$split(text, "")', { text: 'a'.repeat(4_000_000) }, 'steps'],
  [
    'a long text at every letter',
    '$replace(text, "a", "0123456789")',
    { text: 'a'.repeat(1_000_000) },
    'bytes',
  ],
  [
    'texts with a long one between',
    '$join($split(text, "a"), text)',
    { text: 'a'.repeat(10_000) },
    'bytes',
  ],
  ['more than is read', '$count(items)', { items: many(3_000_000, () => null) }, 'bytes'],
])('%s: %s', { timeout }, async (_what, text, input, limit) => {
  expect(await evaluate(text, input)).toEqual(limited(limit))
})

test.each<[string, string, unknown]>([
  ['every member of a large object', '$count(*)', keyed],
  ['a list of objects, spread', '$count($spread(items))', objects],
  ['a long list of numbers', '$count($sort(items))', numbers],
  [
    'a long list of texts',
    '$count($distinct(items))',
    { items: many(100_000, (index) => `t${index % 1000}`) },
  ],
  [
    'a list of thousands in groups',
    '$count($keys(items{ $string(id): 1 }))',
    { items: many(2000, (id) => ({ id })) },
  ],
])('what is merely large is done: %s', { timeout }, async (_what, text, input) => {
  expect((await evaluate(text, input)).kind).toBe('value')
})

const deep = JSON.parse(`${'{"a":'.repeat(10_000)}1${'}'.repeat(10_000)}`) as unknown
const deepList = JSON.parse('['.repeat(10_000) + ']'.repeat(10_000)) as unknown

test.each([
  '$',
  '$string($)',
  '**',
  '*',
  '$ = $',
  'a',
  'a.a ~> $string',
  '$clone($)',
  '$distinct([$, $])',
  '$spread($)',
  '$ ~> |a|{}|',
])('a body that nests ten thousand times does no harm to %s', { timeout }, async (text) => {
  for (const input of [deep, deepList]) {
    const { kind } = await evaluate(text, input)
    expect(['limited', 'value']).toContain(kind)
  }
  if (text !== 'a') expect(await evaluate(text, deep)).toEqual(limited('depth'))
})

test('a path of names is bounded too', { timeout }, async () => {
  expect(await evaluate('a.b', deepList)).toEqual(limited('depth'))
  expect(await evaluate('a.b', { a: many(200_000, () => ({ b: 1 })) })).toEqual(limited('steps'))
})

test('a regular expression sees the first 8 KiB of a text, and what is behind stays', async () => {
  const text = `${'a'.repeat(8190)}bbbb`
  expect(await evaluate('$length($replace(text, /b/, ""))', { text })).toMatchObject({
    value: 8192,
  })
  expect(await evaluate('$contains(text, /c/)', { text: `${text}c` })).toMatchObject({
    value: false,
  })
  expect(await evaluate('$count($split(text, /b/))', { text })).toMatchObject({ value: 3 })
})

test('a matcher that never comes to an end is stopped', { timeout }, async () => {
  const matcher =
    '($m := function($s) { { "match": "", "start": 0, "end": 0, "groups": [], "next": $m } }; $replace("a", $m, "b"))'
  expect(await evaluate(matcher)).toEqual(limited('steps'))
})

test.each([
  ['$toMillis(t, "[Y][M][D][H][m][s]")', '1'.repeat(100)],
  ['$toMillis(t, "[Y]1[M]1[D]1[H]1[m]1[s]")', '1'.repeat(100)],
  ['$toMillis(t, "[MNn][FNn][MNn][FNn][MNn][FNn]")', 'a'.repeat(100)],
  ['$toMillis(t, "[Yw][Mw][Dw]")', 'one'.repeat(40)],
  ['$toMillis(t, "[Y]-[M]")', '1'.repeat(100_000)],
  ['$toMillis("2024", t)', `[Y${'0'.repeat(200)}]`],
  ['$fromMillis(0, t)', '[Y,999999999]'],
  ['$fromMillis(0, t)', '[Y, 9 9 9 9 9 9 9 9 9 ]'],
  ['$fromMillis(0, t)', '[M,*-999999999]'],
  ['$fromMillis(0, t)', '[Y,0x3fffffff]'],
  ['$now(t)', '[Y,999999999]'],
  ['$formatInteger(1, t)', '0'.repeat(1_000_000)],
  ['$formatNumber(1, t)', '0'.repeat(1_000_000)],
  ['$formatNumber(1/0, "0.0e0")', ''],
])('a picture builds nothing large: %s', { timeout }, async (text, t) => {
  const evaluated = await evaluate(text, { t })
  if (evaluated.kind === 'value') expect(evaluated.value ?? null).toBeNull()
  else expect(evaluated.kind).toBe('failed')
})

test('limits of an occasion take the place of the usual ones', async () => {
  expect(await evaluate('[1..3]', {}, { items: 2 })).toEqual(limited('items'))
  expect(await evaluate('1 + 1', {}, { steps: 2 })).toEqual(limited('steps'))
  expect(await evaluate('a & "x"', { a: 'long' }, { bytes: 4 })).toEqual(limited('bytes'))
})
