import { expect, test } from 'vitest'
import { chooseFault, type FaultRule, wordFor } from './core.ts'

const rule: FaultRule = {
  untilMs: 1_000,
  header: null,
  delay: { ms: 50, share: 0.1 },
  abort: { status: 500, share: 0.5 },
}

/** Gives these in turn. */
const draws =
  (...values: number[]) =>
  () =>
    values.shift() ?? 1

test.each([
  ['neither chance comes up', [0.1, 0.5], { delayMs: 0, status: null }],
  ['the delay alone', [0.09, 0.5], { delayMs: 50, status: null }],
  ['the abort alone', [0.1, 0.49], { delayMs: 0, status: 500 }],
  ['both', [0, 0], { delayMs: 50, status: 500 }],
])('%s', (_sentence, values, fault) => {
  expect(chooseFault(rule, {}, 0, draws(...values))).toEqual(fault)
})

test('from its end on it does nothing, and draws nothing', () => {
  const draw = () => {
    throw new Error('drawn')
  }
  expect(chooseFault(rule, {}, 1_000, draw)).toEqual({ delayMs: 0, status: null })
  expect(chooseFault(rule, {}, 999, draws(0, 0)).delayMs).toBe(50)
})

test('with a field it meets only requests that carry it', () => {
  const marked = { ...rule, header: 'x-fault' }
  expect(chooseFault(marked, {}, 0, draws(0, 0)).status).toBeNull()
  expect(chooseFault(marked, { 'x-fault': '' }, 0, draws(0, 0)).status).toBe(500)
})

test('a share of 0 never comes up, and one of 1 always does', () => {
  const never = { ...rule, delay: null, abort: { status: 500, share: 0 } }
  expect(chooseFault(never, {}, 0, draws(0)).status).toBeNull()
  const always = { ...rule, delay: null, abort: { status: 500, share: 1 } }
  expect(chooseFault(always, {}, 0, draws(0.999_999)).status).toBe(500)
})

test.each([
  [{ delayMs: 0, status: null }, 'passed'],
  [{ delayMs: 1, status: null }, 'delayed'],
  [{ delayMs: 0, status: 503 }, 'aborted'],
  [{ delayMs: 1, status: 503 }, 'delayed:aborted'],
])('%j is told as %s', (fault, word) => {
  expect(wordFor(fault)).toBe(word)
})
