import { expect, test } from 'vitest'
import { decideId } from './core.ts'

test('an id of visible ASCII is kept', () => {
  expect(decideId('req-1:AB/c', 'own')).toBe('req-1:AB/c')
})

test('an id of 128 characters is kept, one of 129 is replaced', () => {
  expect(decideId('x'.repeat(128), 'own')).toBe('x'.repeat(128))
  expect(decideId('x'.repeat(129), 'own')).toBe('own')
})

test.each([undefined, '', 'two, ids', 'line\nbreak', 'é', 'tab\t'])('%j is replaced', (inbound) => {
  expect(decideId(inbound, 'own')).toBe('own')
})
