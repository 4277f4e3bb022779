import { expect, test } from 'vitest'
import { refuse } from '../../errors/refusal.ts'
import { renderChanges } from './core.ts'

test('values are filled in, and what has none stays as it is', () => {
  const changes = renderChanges(
    [
      { kind: 'remove', name: 'a' },
      { kind: 'rename', name: 'b', to: 'c' },
      { kind: 'set', name: 'd', value: 4 },
      { kind: 'add', name: 'e', value: 5 },
    ],
    (value) => `v${value}`,
  )
  expect(changes).toEqual([
    { kind: 'remove', name: 'a' },
    { kind: 'rename', name: 'b', to: 'c' },
    { kind: 'set', name: 'd', value: 'v4' },
    { kind: 'add', name: 'e', value: 'v5' },
  ])
})

test('a value that cannot be made refuses all', () => {
  const refusal = refuse('PATH_VALUE_INVALID')
  expect(renderChanges([{ kind: 'set', name: 'a', value: 1 }], () => refusal)).toBe(refusal)
})
