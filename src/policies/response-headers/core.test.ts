import { expect, test } from 'vitest'
import { editFor } from './core.ts'

test.each([
  [{ kind: 'remove', name: 'Server' } as const],
  [{ kind: 'rename', name: 'X-Old', to: 'X-New' } as const],
  [{ kind: 'set', name: 'X-A', value: '1' } as const],
  [{ kind: 'add', name: 'X-A', value: '1' } as const],
])('%j becomes the edit of the same kind', (change) => {
  expect(editFor(change)).toEqual(change)
})
