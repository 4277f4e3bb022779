/** The examples of the page about expressions, run. */
import { expect, test } from 'vitest'
import { compileExpression } from '../../src/expression/expression.ts'
import { makeExchange, START } from '../exchange.ts'
import { readText } from '../rules/sources.ts'

const rows = [
  ...readText('docs/expressions.md').matchAll(/^\| `([^`]+)` +\| `(\{[^`]+)` +\| `([^`]+)` +\|$/gm),
]

test('the page has examples', () => {
  expect(rows.length).toBe(9)
})

test.each(rows.map(([, text = '', input = '', value = '']) => [text, input, value]))(
  '%s of %s is %s',
  async (text, input, value) => {
    const compiled = compileExpression(text)
    if (compiled.kind === 'invalid') throw new TypeError(compiled.reason)
    const at = { exchange: makeExchange(), now: START }
    expect(await compiled.expression.evaluate(JSON.parse(input), at)).toEqual({
      kind: 'value',
      value: JSON.parse(value),
    })
  },
)
