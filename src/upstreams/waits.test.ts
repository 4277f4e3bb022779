import { expect, test } from 'vitest'
import { MemoryClock, settled } from '../platform/memory/clock.ts'
import { Waits } from './waits.ts'

/** Timers that count what they set. */
function begin() {
  const clock = new MemoryClock(1_000)
  const counted = { set: 0, open: 0 }
  const waits = new Waits(
    {
      after(ms) {
        counted.set += 1
        counted.open += 1
        const alarm = clock.after(ms)
        return {
          done: alarm.done,
          cancel() {
            counted.open -= 1
            alarm.cancel()
          },
        }
      },
    },
    clock,
  )
  const rung: string[] = []
  const wait = (name: string, ms: number) =>
    waits.begin(clock.now() + ms, (how) => rung.push(how === 'late' ? name : `${name}:${how}`))
  return { clock, counted, waits, rung, wait }
}

test('each wait ends at its own time, whatever their order', async () => {
  const { clock, rung, wait } = begin()
  wait('c', 30)
  wait('a', 10)
  wait('b', 20)
  await clock.advance(9)
  expect(rung).toEqual([])
  await clock.advance(1)
  expect(rung).toEqual(['a'])
  await clock.advance(10)
  expect(rung).toEqual(['a', 'b'])
  await clock.advance(10)
  expect(rung).toEqual(['a', 'b', 'c'])
})

test('waits that are over in time cost one timer together', async () => {
  const { clock, counted, waits, rung, wait } = begin()
  for (const ms of [30, 30, 31]) {
    waits.over(wait('x', ms))
    await clock.advance(1)
  }
  waits.close()
  expect(counted).toEqual({ set: 1, open: 0 })
  await clock.advance(100)
  expect(rung).toEqual([])
})

test('a wait of no time ends at once, and one after a close is armed anew', async () => {
  const { clock, rung, waits, wait } = begin()
  wait('now', 0)
  await clock.advance(0)
  expect(rung).toEqual(['now'])
  waits.close()
  wait('later', 5)
  await clock.advance(5)
  await settled()
  expect(rung).toEqual(['now', 'later'])
})

test('what waits is told once that all is called off, and what is over is not', async () => {
  const { clock, counted, waits, rung, wait } = begin()
  const names = ['a', 'b', 'c', 'd']
  const [first, , third] = names.map((name) => wait(name, 50))
  if (first !== undefined) waits.over(first)
  if (third !== undefined) waits.over(third)
  if (third !== undefined) waits.over(third)
  expect(waits.isOff).toBe(false)
  waits.callOff()
  waits.callOff()
  await clock.advance(100)
  expect(rung.sort()).toEqual(['b:off', 'd:off'])
  expect([waits.isOff, counted.open]).toEqual([true, 0])
})
