import { expect, test } from 'vitest'
import { CutRegex, checkLiteral } from './regex.ts'

test.each([/^a+$/, /b/, /^[^,]+,/, /a/i, /^[a-z]+-\d+$/i, /^[A-Z]+$/i, /\bfoo\b/i, /^\S+$/i])(
  '%s may run',
  (literal) => {
    expect(checkLiteral(literal)).toBeNull()
  },
)

test.each([
  /^(a+)+$/,
  /^(a|a)*$/,
  /a+b/,
  /^(a|A)*$/i,
  /^([A-Z]|[a-z])*$/i,
  /^(k|K)*b/i,
  /^(\x41|a)*$/i,
  /^\u212a+$/i,
  /^ſ+$/i,
  /^[A-z]+[a-z]+$/i,
  /^\W+$/i,
  /^a$/m,
  /(a)\1/,
  /a{/,
])('%s may not', (literal) => {
  expect(checkLiteral(literal)).toEqual(expect.any(String))
})

test('what is no literal any more may not run', () => {
  expect(checkLiteral({})).toEqual(expect.any(String))
})

test('a search goes on where the last one ended, and sees no more than 8 KiB', () => {
  const regex = new CutRegex(/x/g)
  const text = `x${'a'.repeat(8190)}xx`
  expect(regex.exec(text)?.index).toBe(0)
  expect(regex.exec(text)?.index).toBe(8191)
  expect(regex.exec(text)).toBeNull()
})

test('two of one literal do not share where they are', () => {
  const literal = /x/g
  const [one, other] = [new CutRegex(literal), new CutRegex(literal)]
  one.exec('xx')
  expect(other.exec('xx')?.index).toBe(0)
})
