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

test.each([
  ['{ "a": $pad("a", 5) }', String.raw`"$pad(\"a\", 5) }"`],
  ['{ "a": ', 'its end'],
  [`${' '.repeat(3)}$eval(${'x'.repeat(30)})`, '"$eval(xxxxxxxxxxxxxxxxxx…"'],
])('what does not compile is told as it is found: %s', (text, found) => {
  const { error } = expressionText.safeParse(text)
  expect(error?.issues[0]?.message).toMatch(/^expected, at character \d+, .*, found /)
  expect(error?.issues[0]?.message.endsWith(`, found ${found}`)).toBe(true)
})
