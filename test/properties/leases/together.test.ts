/** Whole requests on a fleet: several limits at once, slots, and each thing that may stand in for a failed store. */
import { expect, test } from 'vitest'
import type { Admission, Claim } from '../../../src/buckets/claims.ts'
import type { BucketShape, RateShape } from '../../../src/buckets/shape.ts'
import { takeAll } from '../../../src/buckets/take.ts'
import type { Ports } from '../../../src/platform/ports.ts'
import { Fleet, type FleetTrouble, noTrouble } from './fleet.ts'
import { Admissions, excessOverQuota, excessOverRate, mostAtOnce } from './ideal.ts'

const seeds = [Date.now() % 1_000_000, 1, 2, 3]

const bad: FleetTrouble = {
  maxDelayMs: 200,
  callLoss: 0.05,
  replyLoss: 0.05,
  faults: 0.05,
  overload: 0.02,
}

function claim(label: string, shape: BucketShape, parts: Partial<Claim> = {}): Claim {
  const place = { policy: label, object: label, bucket: '', location: null }
  const base = { label, place, shape, cost: 1, storeTimeoutMs: 1000, onStoreFault: 'deny' } as const
  return { ...base, ...parts }
}

/** Sends requests at random times, so many a second over all isolates, and gives each outcome to `see`. */
async function run(
  fleet: Fleet,
  { isolates, perSecond, seconds }: { isolates: number; perSecond: number; seconds: number },
  request: (ports: Ports) => readonly Claim[],
  see: (admission: Admission, asked: readonly Claim[]) => void,
): Promise<void> {
  const ports = Array.from({ length: isolates }, () => fleet.isolate())
  for (let sent = 0; sent < perSecond * seconds; sent++) {
    await fleet.clock.advance(Math.floor((fleet.random() * 2000) / perSecond))
    const one = ports[Math.floor(fleet.random() * isolates)]
    if (one === undefined) continue
    const asked = request(one)
    const admission = takeAll(asked, one)
    if (admission instanceof Promise) void admission.then((later) => see(later, asked))
    else see(admission, asked)
    if (fleet.trouble !== noTrouble && sent % 400 === 399) fleet.restart()
  }
  await fleet.clock.advance(5000)
}

const minute = { kind: 'rate', limit: 40, windowMs: 2000, burst: 20 } as const
const hour = { kind: 'rate', limit: 60, windowMs: 10_000, burst: 60 } as const
const month = { kind: 'quota', limit: 300, period: { per: 'month' } } as const

test.each(seeds)('of several limits at once all are charged, or none (seed %i)', async (seed) => {
  for (const trouble of [noTrouble, bad]) {
    const fleet = new Fleet(seed, trouble)
    const admitted = new Admissions()
    await run(
      fleet,
      { isolates: 4, perSecond: 25, seconds: 40 },
      () => {
        const cost = 1 + Math.floor(fleet.random() * 3)
        return [
          claim('a', minute, { cost }),
          claim('b', hour, { cost }),
          claim('c', month, { cost }),
        ]
      },
      (admission, [asked]) => {
        if (admission.kind !== 'admitted') return
        expect(admission.tickets).toHaveLength(3)
        admitted.add(fleet.clock.now(), asked?.cost ?? 0)
        for (const ticket of admission.tickets) ticket.settle()
      },
    )
    // When it was granted is not seen here: at most a call's time before. That much may shift between intervals.
    const shifted = 0.4
    expect(excessOverRate(minute, admitted)).toBeLessThanOrEqual(20 * 2 * shifted)
    expect(excessOverRate(hour, admitted)).toBeLessThanOrEqual(6 * shifted)
    expect(excessOverQuota(month, admitted)).toBeLessThanOrEqual(0)
    expect(admitted.total).toBeGreaterThan(trouble === bad ? 100 : 200)
    if (trouble === bad) continue
    // What a request that another limit refused had taken came back, once every isolate was idle for a while.
    await fleet.clock.advance(10_000)
    const port = fleet.isolate()
    const view = await port.buckets.look(claim('c', month).place, month)
    expect(view).toMatchObject({ available: 300 - admitted.total, outstanding: 0 })
  }
})

const shape: RateShape = { kind: 'rate', limit: 100, windowMs: 1000, burst: 100 }

test('with `deny` nothing is admitted while the store fails', async () => {
  const fleet = new Fleet(1, { ...bad, faults: 1, callLoss: 0, replyLoss: 0, overload: 0 })
  const kinds = new Set<string>()
  const asked = () => [claim('a', shape, { onStoreFault: 'deny' })]
  await run(fleet, { isolates: 3, perSecond: 40, seconds: 10 }, asked, ({ kind }) =>
    kinds.add(kind),
  )
  expect([...kinds]).toEqual(['fault'])
})

test('with `allow` every request is admitted while the store fails', async () => {
  const fleet = new Fleet(1, { ...bad, faults: 1, callLoss: 0, replyLoss: 0, overload: 0 })
  const kinds = new Set<string>()
  const asked = () => [claim('a', shape, { onStoreFault: 'allow' })]
  await run(fleet, { isolates: 3, perSecond: 40, seconds: 10 }, asked, ({ kind }) =>
    kinds.add(kind),
  )
  expect([...kinds]).toEqual(['admitted'])
})

test('with `local` an isolate admits at most a tenth of the limit while the store fails', async () => {
  const fleet = new Fleet(1, { ...bad, faults: 1, callLoss: 0, replyLoss: 0, overload: 0 })
  const admitted = new Admissions()
  const asked = () => [claim('a', shape, { onStoreFault: 'local' })]
  await run(fleet, { isolates: 1, perSecond: 100, seconds: 20 }, asked, (admission) => {
    if (admission.kind !== 'admitted') return
    for (const ticket of admission.tickets) {
      expect(ticket.by).toBe('local')
      ticket.settle()
    }
    admitted.add(fleet.clock.now(), 1)
  })
  expect(excessOverRate({ ...shape, limit: 10, burst: 10 }, admitted)).toBeLessThanOrEqual(0)
  expect(admitted.total).toBeGreaterThan(180)
})

test.each(seeds)('no more requests run at once than there are slots (seed %i)', async (seed) => {
  for (const trouble of [noTrouble, { ...bad, faults: 0 }]) {
    const fleet = new Fleet(seed, trouble)
    const slots = { kind: 'slots', limit: 12 } as const
    const intervals: { from: number; to: number }[] = []
    await run(
      fleet,
      { isolates: 4, perSecond: 40, seconds: 30 },
      () => [claim('s', slots)],
      (admission) => {
        if (admission.kind !== 'admitted') return
        const from = fleet.clock.now()
        const to = from + 1 + Math.floor(fleet.random() * 900)
        intervals.push({ from, to })
        const [ticket] = admission.tickets
        void fleet.clock.after(to - from).done.then(() => ticket?.settle())
      },
    )
    expect(mostAtOnce(intervals)).toBeLessThanOrEqual(12)
    expect(mostAtOnce(intervals)).toBeGreaterThan(6)
  }
})

test('slots of an isolate that is gone are free after their time', async () => {
  const fleet = new Fleet(5)
  const slots = { kind: 'slots', limit: 3 } as const
  const asks = (ports: Ports) =>
    fleet.clock.until(Promise.resolve(takeAll([claim('s', slots)], ports)))
  const gone = fleet.isolate()
  for (let index = 0; index < 3; index++) {
    expect((await asks({ ...gone, timers: stopped })).kind).toBe('admitted')
  }
  const other = fleet.isolate()
  expect((await asks(other)).kind).toBe('refused')
  await fleet.clock.advance(12_000)
  expect((await asks(other)).kind).toBe('admitted')
})

/** The timers of an isolate that runs no more. */
const stopped = { after: () => ({ done: new Promise<void>(() => {}), cancel: () => {} }) }
