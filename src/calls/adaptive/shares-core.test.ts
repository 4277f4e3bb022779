import fc from 'fast-check'
import { expect, test } from 'vitest'
import { allPass, noArrivals, priorities, remember, sharesOf, total } from './shares-core.ts'

const mix = { critical: 20, normal: 50, sheddable: 30 }

test('all pass while nothing is limited', () => {
  expect(sharesOf(1, mix)).toBe(allPass)
})

test.each([
  [0.85, { critical: 1, normal: 1, sheddable: 0.5 }],
  [0.7, { critical: 1, normal: 1, sheddable: 0 }],
  [0.45, { critical: 1, normal: 0.5, sheddable: 0 }],
  [0.2, { critical: 1, normal: 0, sheddable: 0 }],
  [0.1, { critical: 0.5, normal: 0, sheddable: 0 }],
])('of %d in all the less important are refused first', (factor, expected) => {
  const shares = sharesOf(factor, mix)
  for (const name of priorities) expect(shares[name]).toBeCloseTo(expected[name])
})

test('where all are alike each has its part', () => {
  expect(sharesOf(0.6, { ...noArrivals, sheddable: 10 }).sheddable).toBeCloseTo(0.6)
  expect(sharesOf(0.6, noArrivals)).toEqual({ critical: 1, normal: 0.6, sheddable: 0 })
})

test('a priority that nobody had yet passes only while those below it do', () => {
  const shares = sharesOf(0.5, { ...noArrivals, normal: 10 })
  expect(shares).toEqual({ critical: 1, normal: 0.5, sheddable: 0 })
})

test('what is remembered of who came fades', () => {
  expect(remember(mix, { ...noArrivals, critical: 5 })).toEqual({
    critical: 15,
    normal: 25,
    sheddable: 15,
  })
})

const count = fc.integer({ min: 0, max: 100_000 })

test('together they let through what was asked, and never a less important one before another', () => {
  fc.assert(
    fc.property(
      fc.record({ critical: count, normal: count, sheddable: count }),
      fc.double({ min: 0.01, max: 1, noNaN: true }),
      (came, factor) => {
        const shares = sharesOf(factor, came)
        const passed = priorities.reduce((sum, name) => sum + shares[name] * came[name], 0)
        expect(passed).toBeCloseTo(factor * total(came), 5)
        expect(shares.critical).toBeGreaterThanOrEqual(shares.normal)
        expect(shares.normal).toBeGreaterThanOrEqual(shares.sheddable)
        if (shares.sheddable > 0 && came.normal > 0) expect(shares.normal).toBeCloseTo(1, 9)
      },
    ),
  )
})
