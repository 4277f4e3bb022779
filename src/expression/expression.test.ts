import { expect, test } from 'vitest'
import { makeExchange, START } from '../../test/exchange.ts'
import { compileExpression, type Evaluated, type Expression } from './expression.ts'
import { refusalOf } from './refusal.ts'

function compiled(text: string): Expression {
  const result = compileExpression(text)
  if (result.kind === 'invalid') throw new TypeError(`${text}: expected ${result.reason}`)
  return result.expression
}

const exchange = makeExchange()
const evaluate = (text: string, input: unknown = {}): Promise<Evaluated> =>
  compiled(text).evaluate(input, { exchange, now: START })

test('an expression gives a value', async () => {
  const cart = {
    body: {
      items: [
        { id: 'a', n: 2 },
        { id: 'b', n: 3 },
      ],
    },
  }
  expect(
    await evaluate('{ "ids": cart.body.items.id, "n": $sum(cart.body.items.n) }', { cart }),
  ).toEqual({
    kind: 'value',
    value: { ids: ['a', 'b'], n: 5 },
  })
})

test('what is past a limit is refused as such, and what fails as that', () => {
  expect(refusalOf({ kind: 'limited', limit: 'steps' })).toMatchObject({
    code: 'TRANSFORM_LIMIT',
    reason: 'expression-steps',
  })
  expect(refusalOf({ kind: 'failed', reason: 'T2001' })).toMatchObject({
    code: 'TRANSFORM_FAILED',
    reason: 'expression-t2001',
  })
})
