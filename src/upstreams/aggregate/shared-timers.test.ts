import { expect, test } from 'vitest'
import { MemoryClock, settled } from '../../platform/memory/clock.ts'
import { SharedTimers } from './shared-timers.ts'

/** Timers that count what they set. */
function begin() {
  const clock = new MemoryClock(1_000)
  const counted = { set: 0, open: 0 }
  const timers = new SharedTimers(
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
  const wait = (name: string, ms: number) => {
    const alarm = timers.after(ms)
    alarm.done.then(() => rung.push(name))
    return alarm
  }
  return { clock, counted, timers, rung, wait }
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

test('waits that are called off in time cost one timer together', async () => {
  const { clock, counted, timers, rung, wait } = begin()
  for (const ms of [30, 30, 31]) {
    wait('x', ms).cancel()
    await clock.advance(1)
  }
  timers.close()
  expect(counted).toEqual({ set: 1, open: 0 })
  await clock.advance(100)
  expect(rung).toEqual([])
})

test('a wait of no time ends at once, and one after a close is armed anew', async () => {
  const { clock, rung, timers, wait } = begin()
  wait('now', 0)
  await clock.advance(0)
  expect(rung).toEqual(['now'])
  timers.close()
  wait('later', 5)
  await clock.advance(5)
  await settled()
  expect(rung).toEqual(['now', 'later'])
})
