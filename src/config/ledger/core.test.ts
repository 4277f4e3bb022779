import { expect, test } from 'vitest'
import { begin, emptyLedger, enact, holds, judgeOwnCopy, MAX_VERSIONS } from './core.ts'

const entry = (version: string) => ({ version, at: '', sizeBytes: 1, routes: 1 })

test.each([
  { ifMatch: null, current: null, result: true },
  { ifMatch: null, current: 'a', result: true },
  { ifMatch: '*', current: null, result: false },
  { ifMatch: '*', current: 'a', result: true },
  { ifMatch: ['a'], current: 'a', result: true },
  { ifMatch: ['a', 'b'], current: 'b', result: true },
  { ifMatch: ['a'], current: 'b', result: false },
  { ifMatch: [], current: 'b', result: false },
] as const)('If-Match $ifMatch on $current is $result', ({ ifMatch, current, result }) => {
  expect(holds(ifMatch, current)).toBe(result)
})

test('a stamp rises within one millisecond and after the book was lost', () => {
  const first = begin(emptyLedger, 'a', 500)
  expect(first.stamp).toBe(500)
  expect(begin(first, 'b', 500).stamp).toBe(501)
  expect(begin(emptyLedger, 'a', 900).stamp).toBe(900)
})

test('a version that comes again moves to the end of the list', () => {
  const ledger = ['a', 'b', 'a'].reduce(
    (book, version) => enact(book, entry(version), 1),
    emptyLedger,
  )
  expect(ledger.versions.map(({ version }) => version)).toEqual(['b', 'a'])
  expect([ledger.current, ledger.previous]).toEqual(['a', 'b'])
})

test('a version that is put twice in a row keeps what was before it', () => {
  const ledger = ['a', 'b', 'b'].reduce(
    (book, version) => enact(book, entry(version), 1),
    emptyLedger,
  )
  expect(ledger.previous).toBe('a')
})

test('the list keeps fifty versions and dooms the copies of older ones', () => {
  let ledger = emptyLedger
  for (let index = 0; index < 52; index++) ledger = enact(ledger, entry(`v${index}`), index)
  expect(ledger.versions).toHaveLength(MAX_VERSIONS)
  expect(ledger.doomed).toEqual(['v0', 'v1'])
})

test('a doomed version that comes again keeps its copy', () => {
  const ledger = enact({ ...emptyLedger, doomed: ['a', 'b'] }, entry('a'), 1)
  expect(ledger.doomed).toEqual(['b'])
})

const book = {
  ...enact(begin(emptyLedger, 'a', 10), entry('a'), 10),
  current: 'b',
  stamp: 100,
  changedAt: 100,
  seen: ['a', 'b', 'p'],
  pending: 'p',
}

test.each([
  {
    name: 'the current version',
    copy: { version: 'b', stamp: null },
    now: 200,
    finding: 'current',
  },
  {
    name: 'an older stamp soon after',
    copy: { version: 'a', stamp: 50 },
    now: 149,
    finding: 'stale',
  },
  {
    name: 'an older stamp long after',
    copy: { version: 'a', stamp: 50 },
    now: 150,
    finding: 'overtaken',
  },
  { name: 'a newer stamp', copy: { version: 'c', stamp: 101 }, now: 149, finding: 'foreign' },
  { name: 'the pending write', copy: { version: 'p', stamp: 100 }, now: 149, finding: 'foreign' },
  { name: 'an unseen version', copy: { version: 'c', stamp: null }, now: 149, finding: 'foreign' },
  {
    name: 'a seen version soon after',
    copy: { version: 'a', stamp: null },
    now: 149,
    finding: 'stale',
  },
  {
    name: 'a seen version long after',
    copy: { version: 'a', stamp: null },
    now: 150,
    finding: 'foreign',
  },
] as const)('a copy with $name is $finding', ({ copy, now, finding }) => {
  expect(judgeOwnCopy(copy, book, { now, staleForMs: 50 })).toBe(finding)
})
