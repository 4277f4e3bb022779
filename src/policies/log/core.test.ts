import { expect, test } from 'vitest'
import { readLogging } from './core.ts'

test('everything is written unless a share is given', () => {
  expect(readLogging({})).toEqual({
    sample: 1,
    always: { error: true, slow: true },
    slowMs: 1000,
  })
})

test('an empty list leaves all to the share', () => {
  expect(readLogging({ sample: 0.1, always: [] }).always).toEqual({ error: false, slow: false })
})

test('a list names what is written whatever the share', () => {
  expect(readLogging({ sample: 0, always: ['slow'], slowMs: 250 })).toEqual({
    sample: 0,
    always: { error: false, slow: true },
    slowMs: 250,
  })
})
