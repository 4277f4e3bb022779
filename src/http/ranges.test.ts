import { expect, test } from 'vitest'
import { judgeRange, parseContentRange, writeContentRange } from './ranges.ts'

test.each([
  ['bytes=0-1', { kind: 'part', first: 0, last: 1 }],
  ['bytes=1-', { kind: 'part', first: 1, last: 9 }],
  ['bytes=-1', { kind: 'part', first: 9, last: 9 }],
  ['bytes=-99', { kind: 'part', first: 0, last: 9 }],
  ['bytes=8-99', { kind: 'part', first: 8, last: 9 }],
  ['Bytes = 0-0', { kind: 'part', first: 0, last: 0 }],
  ['bytes=10-', { kind: 'unsatisfiable' }],
  ['bytes=-0', { kind: 'unsatisfiable' }],
  ['bytes=5-2', { kind: 'whole' }],
  ['bytes=-', { kind: 'whole' }],
  ['bytes=0-1,3-4', { kind: 'whole' }],
  ['lines=0-1', { kind: 'whole' }],
  [undefined, { kind: 'whole' }],
] as const)('`%s` of ten bytes is %j', (field, verdict) => {
  expect(judgeRange(field, 10)).toEqual(verdict)
})

test('Content-Range tells the part, or of what there is none', () => {
  expect(writeContentRange({ first: 0, last: 4 }, 10)).toBe('bytes 0-4/10')
  expect(writeContentRange(null, 10)).toBe('bytes */10')
})

test.each([
  ['bytes 0-4/10', { first: 0, last: 4, length: 10 }],
  ['bytes 0-4/*', null],
  ['bytes 4-0/10', null],
  ['bytes 0-10/10', null],
  [null, null],
] as const)('`%s` lies at %j', (field, held) => {
  expect(parseContentRange(field)).toEqual(held)
})
