/** Expressions in workerd: what the library, and this project, take from the runtime is there, and its stack holds. */
import { expect, test } from 'vitest'
import { compileExpression } from '../../src/expression/expression.ts'
import { makeExchange, START } from '../exchange.ts'

async function evaluate(text: string, input: unknown): Promise<unknown> {
  const compiled = compileExpression(text)
  if (compiled.kind === 'invalid') throw new TypeError(compiled.reason)
  return compiled.expression.evaluate(input, { exchange: makeExchange(), now: START })
}

test.each([
  ['$base64decode($base64encode("a"))', 'a'],
  ['$encodeUrlComponent("a b")', 'a%20b'],
  ['$substring(?, 0, 2)("abc")', 'ab'],
  ['$replace("abab", /b(.)/, "<$1>")', 'a<a>b'],
  ['$sort([2, 3, 1], function($l, $r) { $l > $r })', [1, 2, 3]],
  ['$now("[Y0001]-[M01]-[D01]")', '2026-01-02'],
  ['$toMillis("2026-01-02", "[Y0001]-[M01]-[D01]")', Date.UTC(2026, 0, 2)],
])('%s is %j', async (text, value) => {
  expect(await evaluate(text, {})).toEqual({ kind: 'value', value })
})

test.each([
  ['($f := function($n) { 1 + $f($n + 1) }; $f(0))', 'depth'],
  ['($f := function($n) { $f($n + 1) }; $f(0))', 'steps'],
  ['$formatInteger(1e300, "I")', 'depth'],
  ['$string($)', 'depth'],
])('%s ends with %s', async (text, limit) => {
  const deep = JSON.parse(`${'{"a":'.repeat(5000)}1${'}'.repeat(5000)}`) as unknown
  expect(await evaluate(text, deep)).toEqual({ kind: 'limited', limit })
})
