import { expect, test } from 'vitest'
import { isShared, judgeUse } from './core.ts'

const plain = {
  method: 'GET',
  isUpgrade: false,
  isIdentified: false,
  isDisguised: false,
  isExcepted: false,
}
const rules = { methods: new Set(['GET', 'HEAD']), isPrivate: null }

test.each([
  [{}, null, 'stored'],
  [{ method: 'HEAD' }, null, 'stored'],
  [{ method: 'POST' }, null, 'method'],
  [{ isUpgrade: true }, null, 'upgrade'],
  [{ isExcepted: true }, null, 'rule'],
  [{ isDisguised: true }, null, 'override-field'],
  [{}, true, 'anonymous'],
  [{ isIdentified: true }, true, 'stored'],
  [{}, false, 'stored'],
] as const)('%j with private %s: %s', (more, isPrivate, expected) => {
  const use = judgeUse({ ...plain, ...more }, { ...rules, isPrivate })
  expect(use.kind === 'stored' ? use.kind : use.detail).toBe(expected)
})

test.each([
  [true, null, false],
  [false, null, true],
  [true, true, false],
  [true, false, true],
  [false, false, true],
])('identified %s and private %s: for all callers %s', (isIdentified, isPrivate, shared) => {
  expect(isShared(isIdentified, isPrivate)).toBe(shared)
})
