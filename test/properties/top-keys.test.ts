/** What the counts of top keys promise, whatever comes in whichever order, on one isolate and merged from several. */
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { emptySummary, mergeSummaries, TopKeys, type TopSummary } from '../../src/buckets/top.ts'

const RUNS = 400

// Few names and skewed ones, so that keys come back, and push each other out.
const keyOf = fc.nat(40).map((n) => `k${Math.floor(Math.sqrt(n))}`)
const stream = fc.array(fc.tuple(keyOf, fc.boolean()), { maxLength: 300 })
const capacity = fc.integer({ min: 1, max: 8 })

type Met = readonly (readonly [string, boolean])[]

function summaryOf(met: Met, room: number): TopSummary {
  const top = new TopKeys(room)
  for (const [key, isRefused] of met) top.add(key, isRefused)
  return top.summary()
}

/** The promises of a summary, against what was met in truth. */
function judge(summary: TopSummary, met: Met): void {
  const truth = new Map<string, { count: number; refused: number }>()
  for (const [key, isRefused] of met) {
    const known = truth.get(key) ?? { count: 0, refused: 0 }
    truth.set(key, {
      count: known.count + 1,
      refused: known.refused + (isRefused ? 1 : 0),
    })
  }
  expect(summary.total).toBe(met.length)
  const listed = new Set(summary.keys.map(({ key }) => key))
  expect(listed.size).toBe(summary.keys.length)
  for (const { key, count, error, refused } of summary.keys) {
    const real = truth.get(key) ?? { count: 0, refused: 0 }
    expect(count).toBeGreaterThanOrEqual(real.count)
    expect(count - error).toBeLessThanOrEqual(real.count)
    expect(refused).toBeLessThanOrEqual(real.refused)
  }
  for (const [key, { count }] of truth) {
    if (!listed.has(key)) expect(count).toBeLessThanOrEqual(summary.floor)
  }
}

// A failure prints its seed and path; fast-check takes them back as `{ seed, path }`.
test('one isolate counts no key too low, and lists each that makes its share', () => {
  fc.assert(
    fc.property(stream, capacity, (met, room) => {
      const summary = summaryOf(met, room)
      judge(summary, met)
      expect(summary.floor).toBeLessThanOrEqual(met.length / room)
      expect(summary.keys.length).toBeLessThanOrEqual(room)
    }),
    { numRuns: RUNS },
  )
})

test('the summaries of several isolates, merged in any order, count no key too low either', () => {
  fc.assert(
    fc.property(fc.array(stream, { maxLength: 5 }), capacity, capacity, (streams, room, kept) => {
      const summaries = streams.map((met) => summaryOf(met, room))
      const all = streams.flat()
      const merge = (list: readonly TopSummary[]) =>
        list.reduce((sum, one) => mergeSummaries(sum, one, kept), emptySummary)
      judge(merge(summaries), all)
      judge(merge(summaries.toReversed()), all)
    }),
    { numRuns: RUNS },
  )
})
