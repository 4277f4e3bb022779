/** What this room puts in the library's place must not change what an expression means: each is given to both. */
import jsonata from 'jsonata'
import { expect, test } from 'vitest'
import { makeExchange, START } from '../../test/exchange.ts'
import { compileExpression } from './expression.ts'
import { isFunction } from './values.ts'

const shop = {
  name: 'shop',
  open: true,
  none: null,
  empty: [],
  one: [7],
  nested: [[1, 2], [3, [4]], []],
  deep: [[{ a: [1] }], [{ a: 2 }, { a: [3, 4] }]],
  tags: ['b', 'a', 'c', 'a'],
  numbers: [3, 1, 2, 3],
  items: [
    { id: 'p1', cat: 'x', price: 2.5, qty: 2, sizes: ['s', 'm'] },
    { id: 'p2', cat: 'y', price: 4, qty: 1, sizes: [] },
    { id: 'p3', cat: 'x', price: 1, qty: 3 },
  ],
  products: [
    { id: 'p1', title: 'One', stock: { n: 3 } },
    { id: 'p2', title: 'Two', stock: { n: 0 } },
  ],
  when: '2024-02-29T10:20:30.000Z',
}

const texts = [
  'name',
  'items.id',
  'items[cat="x"].price',
  'items[0]',
  'items[-1].id',
  'items[[0,2]].id',
  '(items.id)[1]',
  'items[price > 2 and qty < 3].id',
  'items.sizes',
  'items.sizes[0]',
  'items[].id',
  'one',
  'one[]',
  'empty',
  'empty[]',
  'deep.a',
  'nested',
  'nested[0]',
  '*',
  'one.*',
  'items.*',
  'products.stock.*',
  '{"a": [1], "b": 2}.*',
  '{"a": [[1],[2,[3]]]}.*',
  '**.n',
  '**[price]',
  '$count(**)',
  'name.**',
  'items.{ "id": id, "sum": price * qty }',
  'items{cat: $sum(price)}',
  'items{cat: id}',
  'items{id: {"p": price}}',
  'empty{cat: id}',
  '{"k": name, "none": missing, "list": [missing, 1]}',
  '[name, missing, numbers]',
  '[[name], [numbers]]',
  '[1..3]',
  '[1..3, 7, 9..10]',
  '[3..1]',
  '[1..3].($ * 2)',
  '[1..2].([1..2].($))',
  '$sum([1..100])',
  'items^(price).id',
  'items^(>price, id).id',
  'items^(cat, >price).id',
  '$sort(numbers)',
  '$sort(tags)',
  '$sort(items, function($l, $r) { $l.price > $r.price }).id',
  '$sort([5,1,4,2,3,9,8,7,6,0], function($l, $r) { $l > $r })',
  '$sort("a")',
  '$reverse(tags)',
  '$distinct(tags)',
  '$distinct([{"a":1},{"a":1},{"a":2},1,"1",1,null,null,[1],[1]])',
  '$distinct(items.cat)',
  '$append(tags, numbers)',
  '$append(missing, 1)',
  '$zip(tags, numbers)',
  '$spread(products)',
  '$spread({"a":1,"b":2})',
  '$spread(1)',
  '$spread([[{"a":1}],{"b":2,"c":3},4])',
  '$merge(products)',
  '$merge([{"a":1},{"b":2},{"a":3}])',
  '$keys(items)',
  '$keys({"a":1})',
  '$lookup(products, "id")',
  '$each(products[0], function($v, $k) { $k & ":" & $string($v) })',
  '$sift(items[0], function($v) { $v > 1 })',
  '$map(items, function($i, $n, $all) { $n & "/" & $count($all) & $i.id })',
  '$map(tags, $uppercase)',
  '$map([1, 2], $string)',
  '$filter(numbers, function($n) { $n > 1 })',
  '$single(items, function($i) { $i.id = "p2" }).price',
  '$reduce(numbers, function($a, $b) { $a + $b }, 10)',
  'items ~> $map(function($i) { $i.id }) ~> $join("-")',
  'name ~> $uppercase',
  '$f := $uppercase ~> $trim',
  '($f := $uppercase ~> $substring(?, 0, 2); $f("hello"))',
  '($add := function($a, $b) { $a + $b }; $three := $add(?, 3); $three(4))',
  '($fact := function($n) { $n <= 1 ? 1 : $n * $fact($n - 1) }; $fact(10))',
  '($even := function($n) { $n = 0 ? true : $even($n - 1) }; $even(200))',
  '$ ~> |items|{"price": price * 2}, ["sizes"]|',
  '$ ~> |products.stock|{"ok": n > 0}|',
  'items.$merge([$, products[id = %.id]])',
  'items@$i.products@$p[$i.id = $p.id].{ "t": $p.title, "q": $i.qty }',
  'items#$n.{ "n": $n, "id": id }',
  'items.($i := $; $$.products[id = $i.id].title)',
  'products.stock.%.id',
  'items.{ "id": id, "title": $lookup($$.products[0], "title") }',
  'name & 1 & true & null & missing & numbers',
  'items[0] & ""',
  '$string(items)',
  '$string(items[0], true)',
  '$string(1.1 + 2.2)',
  '$string([$sum, 1])',
  '1 + 2 * 3 - 4 / 2 % 3',
  '-price',
  '-(1)',
  'name = "shop"',
  'items[0] = items[0]',
  'numbers = [3,1,2,3]',
  '{"a":{"b":[1,2]}} = {"a":{"b":[1,2]}}',
  '{"a":1,"b":2} = {"b":2,"a":1}',
  '{"a":1} = {"a":1,"b":2}',
  '[1] = 1',
  'missing = missing',
  'missing != 1',
  'name != "x"',
  '"a" in tags',
  '"z" in tags',
  '"a" in "a"',
  'open ? "yes" : "no"',
  'missing ? "yes"',
  'missing ?? "default"',
  'none ?? "default"',
  '"" ?: "default"',
  'open and missing',
  'open or missing',
  '$boolean([]) or $boolean([0, 1])',
  '$not(open)',
  '$exists(missing)',
  '$type(numbers) & $type(none) & $type($sum)',
  '$replace("abcabc", "b", "_")',
  '$replace("abcabc", "b", "_", 1)',
  '$replace("abcabc", /b(.)/, "[$1$0$$]")',
  '$replace("abcabc", /(a)(b)?/, "$2$1$3$12")',
  '$replace("abc", /./, "$")',
  '$replace("abc", /x/, "y")',
  '$replace("abcabc", /b/, "_", 1)',
  '$replace("abc", /b/, function($m) { $uppercase($m.match) })',
  '$replace("abc", "b", "_", 0)',
  '$split("a b c", " ")',
  '$split("abc", "")',
  '$split("a b c", " ", 2)',
  '$split("a, b,c", /, ?/)',
  '$split("a, b,c", /, ?/, 2)',
  '$split("abc", /x/)',
  '$split("a", "b", 0)',
  '$join(tags, ", ")',
  '$join(tags)',
  '$join(missing)',
  '$match("abcab", /a(b)/)',
  '$match("abcab", /a(b)/, 1)',
  '$match("ABC", /b/i).match',
  '$contains("abc", /^b/)',
  '$contains("abc", "bc")',
  '$substringBefore("a-b", "-") & $substringAfter("a-b", "-")',
  '$substring("hello", -3, 2)',
  '$trim("  a  b ")',
  '$length("añ😀")',
  'name.$uppercase()',
  'items.$string()',
  '$number("1e3") + $number("0x10")',
  '$round(2.5) & $round(1.005, 2) & $floor(-1.5) & $ceil(1.2) & $abs(-1) & $sqrt(4) & $power(2, 8)',
  '$max(numbers) & $min(numbers) & $average(numbers) & $count(numbers)',
  '$formatNumber(12345.6, "#,###.00")',
  '$formatNumber(0.00123, "00.00e0")',
  '$formatBase(255, 16)',
  '$formatInteger(1999, "I") & $formatInteger(12, "w") & $formatInteger(3, "w;o")',
  '$parseInteger("MCMXCIX", "I")',
  '$toMillis(when)',
  '$toMillis("2024-02-29", "[Y0001]-[M01]-[D01]")',
  '$toMillis("29 February 2024", "[D] [MNn] [Y]")',
  '$fromMillis(1709202030000)',
  '$fromMillis(1709202030000, "[Y]-[M01]-[D1o] [h]:[m] [P]", "-0500")',
  '$base64encode("hello") & $base64decode("aGVsbG8=")',
  '$encodeUrlComponent("a b&c") & $decodeUrl("a%20b")',
  '$clone(items[0])',
  '$assert(true)',
  '$error("no")',
  'name + 1',
  '1 + name',
  'name()',
  '$sum(tags)',
  '$uppercase(1)',
  '$sort(items)',
  '$replace("a", "", "b")',
  '$split("a", "b", -1)',
  '[1.5..2]',
  '[1.."a"]',
  '{1: 2}',
  'items{id: 1, id: 2}',
  'items ~> name',
  '$single(numbers)',
  '$substring(?, 0, 2)(name)',
  '$uppercase(?)(name)',
  '(1; 2; 3)',
  '()',
  '`name`',
  '"name"',
  '$',
  '$$',
  '$.items.id',
  '$$.items.id',
  '($x := items; $x.id)',
  '($x := 1; ($x := 2); $x)',
  'items.sizes.($ & "!")',
  'items.[id, qty]',
  'items.[id]',
  '[items.id]',
  'items.(price > 2 ? id)',
  'function($x) { $x }',
  '[function($x) { $x }, 1]',
  '{"f": $sum, "n": 1}',
  'and',
  'items[qty in [1, 2]].id',
  'items[$contains(id, "2")].id',
  '$join(items.(id & "=" & qty), ";")',
]

const inputs: readonly (readonly [string, unknown])[] = [
  ['an object', shop],
  ['a list of objects', shop.items],
  ['a list of one', [shop]],
  ['an empty list', []],
  ['nothing', undefined],
  ['null', null],
  ['text', 'text'],
]

type Outcome = { value: unknown } | { code: unknown }

async function library(text: string, input: unknown): Promise<Outcome> {
  try {
    return { value: await jsonata(text).evaluate(structuredClone(input)) }
  } catch (thrown) {
    return { code: (thrown as { code: unknown }).code }
  }
}

/** What JSON makes of a value: hidden keys of lists and functions are gone. */
function asJson(outcome: Outcome): unknown {
  if ('code' in outcome) return outcome
  const text = JSON.stringify(outcome.value, (_name, value) =>
    isFunction(value) ? undefined : value,
  )
  return { value: text === undefined ? undefined : JSON.parse(text) }
}

async function ours(text: string, input: unknown): Promise<Outcome> {
  const compiled = compileExpression(text)
  if (compiled.kind === 'invalid') return { code: compiled.reason }
  const before = JSON.stringify(input)
  const at = { exchange: makeExchange(), now: START }
  const evaluated = await compiled.expression.evaluate(input, at)
  expect(JSON.stringify(input)).toBe(before)
  switch (evaluated.kind) {
    case 'value':
      return { value: evaluated.value }
    case 'failed':
      return { code: evaluated.reason }
    case 'limited':
      return { code: evaluated.limit }
  }
}

test.each(inputs)(
  'every expression means the same to both, and leaves %s as it was',
  async (_what, input) => {
    const differing: unknown[] = []
    for (const text of texts) {
      const [here, there] = [await ours(text, input), await library(text, input)]
      const expected = asJson(there)
      if (JSON.stringify(here) !== JSON.stringify(expected))
        differing.push({ text, here, expected })
    }
    expect(differing).toEqual([])
  },
)
