import { expect, test } from 'vitest'
import { MemoryClock } from './memory/clock.ts'
import { SingleFlight } from './single-flight.ts'

function setUp() {
  const clock = new MemoryClock(1_000)
  const flight = new SingleFlight<string>(100)
  const ports = { clock, timers: clock, defer: (work: Promise<unknown>) => void work }
  return { clock, flight, ports }
}

const never = () => new Promise<string>(() => {})
/** What those see who wait on a request that the runtime has ended. */
const ended = () => Promise.reject(new Error('created by a request that has since ended'))

test('those who come during the work share it', async () => {
  const { clock, flight, ports } = setUp()
  let runs = 0
  const work = async () => {
    runs++
    await clock.after(50).done
    return 'done'
  }
  const all = Promise.all([flight.fly(ports, work), flight.fly(ports, work)])
  expect(await clock.until(all)).toEqual([
    { kind: 'landed', value: 'done' },
    { kind: 'landed', value: 'done' },
  ])
  expect(runs).toBe(1)
})

test('work that is done is not shared with those who come later', async () => {
  const { clock, flight, ports } = setUp()
  await clock.until(flight.fly(ports, async () => 'first'))
  expect(await clock.until(flight.fly(ports, async () => 'second'))).toEqual({
    kind: 'landed',
    value: 'second',
  })
})

test('nobody waits longer than the timeout, counted from the start of the work', async () => {
  const { clock, flight, ports } = setUp()
  const leader = flight.fly(ports, never)
  await clock.advance(60)
  const follower = flight.fly(ports, never)
  await clock.advance(40)
  expect(await leader).toEqual({ kind: 'late' })
  expect(await follower).toEqual({ kind: 'late' })
  expect(clock.now()).toBe(1_100)
})

test('a leader that hangs holds up the next ones only for the timeout', async () => {
  const { clock, flight, ports } = setUp()
  void flight.fly(ports, never)
  await clock.advance(100)
  expect(flight.isFlying(clock.now())).toBe(false)
  expect(await clock.until(flight.fly(ports, async () => 'next'))).toMatchObject({ value: 'next' })
})

test('a follower of a leader whose request ended does the work itself', async () => {
  const { clock, flight, ports } = setUp()
  let kill = () => {}
  const dying = new Promise<string>((_, reject) => {
    kill = () => ended().catch(reject)
  })
  const leader = flight.fly(ports, () => dying)
  const followers = Promise.all([
    flight.fly(ports, async () => 'own'),
    flight.fly(ports, async () => 'own'),
  ])
  kill()
  expect(await clock.until(followers)).toEqual([
    { kind: 'landed', value: 'own' },
    { kind: 'landed', value: 'own' },
  ])
  expect(await leader).toEqual({ kind: 'late' })
})

test('a clock that is set back keeps no dead work alive', async () => {
  const { clock, flight, ports } = setUp()
  void flight.fly(ports, never)
  clock.set(0)
  expect(flight.isFlying(clock.now())).toBe(false)
})
