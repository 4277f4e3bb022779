import { expect, test } from 'vitest'
import type { SlotsReply } from '../messages.ts'
import { Slots, type Use } from './slots.ts'

const ask = { final: false }

function reply(given: Partial<SlotsReply> = {}): SlotsReply {
  return { kind: 'slots', seq: 1, held: 1, ttlMs: 9_000, waitMs: 0, taken: 1, ...given }
}

/** One request that asked at 0 and runs since 10. */
function running(given: Partial<SlotsReply> = {}): { slots: Slots; use: Use } {
  const slots = new Slots('iso')
  const waiter = slots.join(1)
  slots.draft(0, ask)
  slots.accept(reply(given), 10)
  if (waiter.hold?.from !== 'slots') throw new Error(`no slot: ${waiter.state}`)
  return { slots, use: waiter.hold.use }
}

test('a request runs on the slot that it was granted', () => {
  const { slots } = running()
  expect([slots.using, slots.held, slots.look(1, 10)]).toEqual([1, 1, 'missing'])
})

test('a request without a slot is refused, with the time before which there is none', () => {
  const slots = new Slots('iso')
  const waiters = [slots.join(1), slots.join(1)]
  expect(slots.draft(0, ask)).toMatchObject({ kind: 'slots', seq: 1, using: 0, need: 2 })
  slots.accept(reply({ held: 1, waitMs: 200 }), 10)
  expect(waiters.map(({ state }) => state)).toEqual(['held', 'refused'])
  expect([slots.look(1, 209), slots.retryAfterMs(10), slots.look(1, 210)]).toEqual([
    'refused',
    200,
    'missing',
  ])
})

test('where slots are given one by one, one that comes free is given back at once', () => {
  const { slots, use } = running()
  expect(slots.wantsRelease(20)).toBe(false)
  slots.release(use)
  expect(slots.wantsRelease(20)).toBe(true)
  expect(slots.draft(20, ask)).toMatchObject({ using: 0, need: 0, want: 0 })
  expect([slots.held, slots.look(1, 20)]).toEqual([0, 'missing'])
})

test('where slots are given in blocks, one that comes free stays for the next request', () => {
  const { slots, use } = running({ held: 4 })
  slots.release(use)
  expect([slots.wantsRelease(20), slots.look(1, 20)]).toEqual([false, 'held'])
})

test('slots that nobody asked for in a second are idle', () => {
  const { slots } = running({ held: 4 })
  slots.meter.hit(1, 20)
  expect([slots.isIdle(1_019), slots.isIdle(1_020)]).toEqual([false, true])
})

test('a slot that comes free during a call can be used: the call told that it was held', () => {
  const { slots, use } = running()
  slots.draft(20, ask)
  slots.release(use)
  expect(slots.look(1, 25)).toBe('held')
})

test('a busy isolate wants as many again as it had at once', () => {
  const { slots } = running({ held: 4 })
  for (let hit = 0; hit < 3; hit += 1) slots.meter.hit(1, 20)
  slots.take(20)
  slots.release(slots.take(20))
  expect(slots.draft(20, ask)).toMatchObject({ using: 2, want: 2 })
})

test('slots are renewed after a third of their time, counted from the call', () => {
  const { slots } = running()
  expect([slots.beatMs, slots.wantsRenewal(2_999), slots.wantsRenewal(3_000)]).toEqual([
    3_000,
    false,
    true,
  ])
})

test('no request begins on slots whose time is over', () => {
  const { slots } = running({ held: 2 })
  expect([slots.look(1, 8_999), slots.look(1, 9_000)]).toEqual(['held', 'missing'])
})

test('a request that says nothing for the life of its slot is dead, and counts no more', () => {
  const { slots, use } = running({ held: 2 })
  const other = slots.take(10)
  slots.beat(use, 6_000)
  expect(slots.draft(9_010, ask).using).toBe(1)
  slots.beat(other, 9_020)
  expect(slots.using).toBe(2)
})

test('the reply to a call that was given up is never used', () => {
  const { slots } = running()
  slots.draft(20, ask)
  slots.giveUp(1_020)
  expect(slots.accept(reply({ seq: 2, held: 9 }), 1_030)).toBe(false)
  expect(slots.held).toBe(1)
})

test('a clock that goes back leaves only the slots in use', () => {
  const { slots } = running({ held: 4 })
  expect(slots.look(1, 20)).toBe('held')
  expect([slots.look(1, 5), slots.held, slots.using]).toEqual(['missing', 0, 1])
})

test('what can be had is what lies here and what nobody holds', () => {
  const { slots } = running({ held: 3, taken: 5 })
  expect(slots.remaining(8, 20)).toBe(5)
})
