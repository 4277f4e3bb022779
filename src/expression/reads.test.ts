import { expect, test } from 'vitest'
import { compileExpression } from './expression.ts'

function readsOf(text: string): string {
  const compiled = compileExpression(text)
  if (compiled.kind === 'invalid') throw new TypeError(`${text}: expected ${compiled.reason}`)
  const { paths, readsAll } = compiled.expression
  const names = paths.map((path) => path.join('.')).sort()
  return [...names, ...(readsAll ? ['all'] : [])].join(' ')
}

test.each([
  ['cart', 'cart'],
  ['cart.body.items', 'cart.body.items'],
  ['`cart`."body"', 'cart.body'],
  ['$.cart.body', 'cart.body'],
  ['$$.cart.body', 'cart.body'],
  ['cart.body.items[0].id', 'cart.body.items'],
  ['cart.body.items[].id', 'cart.body.items'],
  ['cart.*', 'cart'],
  ['cart.**.id', 'cart'],
  ['cart.body.items.(id & name)', 'cart.body.items'],
  ['cart.body.items.{ "id": id, "user": user.name }', 'cart.body.items'],
  ['cart.body.items.{ "id": id, "user": $$.user.name }', 'cart.body.items user.name'],
  ['cart.body.items[id = user.id]', 'cart.body.items'],
  ['cart.body.items[id = $$.user.id]', 'cart.body.items user.id'],
  ['cart.body.items{cat: $sum(price)}', 'cart.body.items'],
  ['cart.body.items{cat: $$.rates}', 'cart.body.items rates'],
  ['cart.body.items^(price)', 'cart.body.items'],
  ['cart.body.items^(>$$.order)', 'cart.body.items order'],
  ['cart.items#$n.{ "n": $n, "x": x }', 'cart.items'],
])('%s reads %s', (text, reads) => {
  expect(readsOf(text)).toBe(reads)
})

test.each([
  ['{ "a": cart.body, "b": user.name }', 'cart.body user.name'],
  ['{ kind: 1 }', 'kind'],
  ['[cart.a, user.b]', 'cart.a user.b'],
  ['cart.n + user.n * 2', 'cart.n user.n'],
  ['-cart.n', 'cart.n'],
  ['cart.a ? user.b : order.c', 'cart.a order.c user.b'],
  ['cart.a ?? user.b', 'cart.a user.b'],
  ['cart.a ?: user.b', 'cart.a user.b'],
  ['cart.a in user.b', 'cart.a user.b'],
  ['[cart.from..cart.to]', 'cart.from cart.to'],
  ['(cart.a; user.b)', 'cart.a user.b'],
  ['(cart; user).body', 'cart user'],
  ['($x := cart.body; $x.items.id)', 'cart.body'],
  ['$sum(cart.n) ~> $string', 'cart.n'],
  ['cart.a ~> $join(user.b)', 'cart.a user.b'],
  ['cart ~> |body.items|{"x": y, "z": $$.user}|', 'cart user'],
  ['$substring(cart.a, user.n)', 'cart.a user.n'],
  ['$now() & $millis()', ''],
  ['1', ''],
  ['cart ~> $substring(?, user.n)', 'cart user.n'],
])('%s reads %s on all sides', (text, reads) => {
  expect(readsOf(text)).toBe(reads)
})

test.each([
  ['$map(cart.items, function($i) { product[id = $i.id] })', 'cart.items product'],
  ['$map(cart.items, function($i) { $i.name })', 'cart.items'],
  ['cart.items.$map(rows, function($r) { product })', 'cart.items'],
  ['($f := function($n) { $n = 0 ? user.id : $f($n - 1) }; $f(3))', 'user.id'],
  ['$lookup(cart.body, user.key)', 'cart.body user.key'],
  ['$filter(cart.items, function($i) { $count(product[id = $i.id]) > 0 })', 'cart.items product'],
])('a lambda reads where it is written: %s reads %s', (text, reads) => {
  expect(readsOf(text)).toBe(reads)
})

test.each([
  '$',
  '$$',
  '*',
  '**',
  '*.id',
  '**.id',
  '$.*',
  '$$[0]',
  '$[0].id',
  '$.($.cart)',
  '$keys($)',
  '$lookup($$, "cart")',
  '$string()',
  'cart.items.($$)',
  '$ ~> |cart|{}|',
  '($x := $; $x.cart)',
  'cart.items.%.total',
  'cart@$c.user.name',
  '(function($x)<x-:x>{ $x })()',
  '$uppercase()',
  '$substring(2)',
])('%s reads all', (text) => {
  expect(readsOf(text)).toContain('all')
})

test.each([
  ['$uppercase(cart.a)', 'cart.a'],
  ['cart.a.$uppercase()', 'cart.a'],
  ['cart.(%.a)', 'all'],
  ['$map(cart.names, $uppercase)', 'cart.names'],
  ['$substring(cart.a, 1)', 'cart.a'],
  ['$now("[Y]")', ''],
])('the context is an argument only where one is missing: %s reads %s', (text, reads) => {
  expect(readsOf(text)).toContain(reads)
  if (reads !== 'all') expect(readsOf(text)).toBe(reads)
})
