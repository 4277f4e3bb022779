import { describe, expect, test } from 'vitest'
import { decideGrant, type Standing } from './grant.ts'

/** Ten units are a token; 100 tokens a second, a full bucket of 100. */
const full: Standing = {
  units: { token: 10, refill: 1, full: 1_000 },
  level: 1_000,
  outstanding: 0,
  isolates: 1,
  ttlMs: 5_000,
  resetMs: null,
}
const nothing = { need: [], want: 0, pocket: 0 }

describe('the waiting requests', () => {
  test('as many are granted as fit, from the first on', () => {
    const grant = decideGrant({ ...nothing, need: [3, 5, 2, 1] }, { ...full, level: 99 })
    expect(grant).toMatchObject({ granted: 2, direct: 8 })
  })

  test('a smaller one behind one that does not fit waits its turn', () => {
    expect(decideGrant({ ...nothing, need: [8, 1] }, { ...full, level: 79 }).granted).toBe(0)
  })

  test('a bucket that owes grants none, and tells when one can be had', () => {
    const grant = decideGrant({ ...nothing, need: [1] }, { ...full, level: -500 })
    expect(grant).toEqual({ granted: 0, direct: 0, lease: 0, waitMs: 510 })
  })

  test('a cost of zero is always granted', () => {
    const grant = decideGrant({ ...nothing, need: [0, 0, 1] }, { ...full, level: -500 })
    expect(grant.granted).toBe(2)
  })
})

describe('the lease', () => {
  test('it is half of a full bucket at most', () => {
    expect(decideGrant({ ...nothing, want: 90 }, full).lease).toBe(50)
    expect(decideGrant({ ...nothing, want: 30 }, full).lease).toBe(30)
  })

  test('it is divided by the isolates that draw, less what is in the pocket', () => {
    expect(decideGrant({ ...nothing, want: 90 }, { ...full, isolates: 5 }).lease).toBe(10)
    const holding = { ...nothing, want: 90, pocket: 7 }
    expect(decideGrant(holding, { ...full, isolates: 5 }).lease).toBe(3)
  })

  test('all together leave a tenth of the bucket', () => {
    expect(decideGrant({ ...nothing, want: 90 }, { ...full, outstanding: 85 }).lease).toBe(5)
    expect(decideGrant({ ...nothing, want: 90 }, { ...full, outstanding: 95 }).lease).toBe(0)
  })

  test('it shrinks as the bucket empties, down to the fair part of the refill', () => {
    const slow = { ...full, units: { token: 1_000, refill: 1, full: 100_000 } }
    expect(decideGrant({ ...nothing, want: 90 }, { ...slow, level: 40_000 }).lease).toBe(20)
    expect(decideGrant({ ...nothing, want: 90 }, { ...full, level: 600 }).lease).toBe(50)
  })

  test('none is given where a fair share is under four tokens, nor one of a single token', () => {
    expect(decideGrant({ ...nothing, want: 90 }, { ...full, isolates: 12 }).lease).toBe(4)
    expect(decideGrant({ ...nothing, want: 90 }, { ...full, isolates: 13 }).lease).toBe(0)
    expect(decideGrant({ ...nothing, want: 1 }, full).lease).toBe(0)
  })

  test('none is given while a request waits for more than is there', () => {
    const grant = decideGrant({ need: [60], want: 50, pocket: 0 }, { ...full, level: 500 })
    expect(grant).toMatchObject({ granted: 0, lease: 0 })
  })

  test('none is given that would end at once', () => {
    expect(decideGrant({ ...nothing, want: 9 }, { ...full, ttlMs: 0 }).lease).toBe(0)
  })
})

describe('the wait', () => {
  test('there is none while tokens are left', () => {
    expect(decideGrant({ ...nothing, need: [1] }, full).waitMs).toBe(0)
  })

  test('it is what the first refused cost still takes', () => {
    const slow = { ...full, units: { token: 100, refill: 1, full: 500 }, level: 150 }
    expect(decideGrant({ ...nothing, need: [1, 1] }, slow)).toMatchObject({
      granted: 1,
      waitMs: 50,
    })
    expect(decideGrant({ ...nothing, need: [3] }, slow).waitMs).toBe(150)
  })

  test('all isolates together pace themselves to 200 calls a second', () => {
    const many = { ...full, level: 0, isolates: 50 }
    expect(decideGrant({ ...nothing, need: [1] }, many).waitMs).toBe(250)
  })

  test('a hot bucket that is dry is asked for batches, not for each token', () => {
    expect(decideGrant({ ...nothing, need: [1] }, { ...full, level: 0 }).waitMs).toBe(250)
    const fast = { ...full, units: { token: 1, refill: 10, full: 1_000 }, level: 0 }
    expect(decideGrant({ ...nothing, need: [1] }, fast).waitMs).toBe(25)
  })

  test('ten a second with a burst of twenty is asked for each token', () => {
    const small = { ...full, units: { token: 100, refill: 1, full: 2_000 }, level: 0 }
    expect(decideGrant({ ...nothing, need: [1] }, small).waitMs).toBe(100)
  })

  test('what is wanted and not there is waited for as well', () => {
    const slow = { ...full, units: { token: 100, refill: 1, full: 10_000 }, level: 130 }
    expect(decideGrant({ need: [1], want: 10, pocket: 0 }, slow).waitMs).toBe(70)
  })

  test('of a quota it is the rest of the period', () => {
    const quota = { ...full, units: { token: 1, refill: 0, full: 100 }, level: 3, resetMs: 86_000 }
    expect(decideGrant({ ...nothing, need: [4] }, quota).waitMs).toBe(86_000)
    expect(decideGrant({ ...nothing, need: [3] }, quota).waitMs).toBe(0)
  })
})
