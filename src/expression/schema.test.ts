import { expect, test } from 'vitest'
import { expressionText } from './schema.ts'

test('an expression is taken, and a variable in its place', () => {
  expect(expressionText.safeParse('cart.body.items').success).toBe(true)
  expect(expressionText.safeParse({ var: 'SHAPE' }).success).toBe(true)
})

test('what does not compile is a problem with a code of its own, which says where', () => {
  const { error } = expressionText.safeParse('{ "a": $pad("a", 5) }')
  expect(error?.issues).toMatchObject([
    {
      code: 'custom',
      message: expect.stringContaining('at character 8,'),
      params: { code: 'EXPRESSION_INVALID' },
    },
  ])
})
