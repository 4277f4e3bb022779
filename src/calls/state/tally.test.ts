import { expect, test } from 'vitest'
import { Counter, type Outcome } from './tally.ts'

const good: Outcome = {
  target: 'http://a',
  failed: false,
  slow: false,
  latencyMs: 10,
  retryAfterSeconds: null,
}
const bad: Outcome = { ...good, failed: true, latencyMs: null }

test('outcomes are counted by target', () => {
  const counter = new Counter()
  counter.countRequest()
  counter.countRetry()
  counter.count(good)
  counter.count({ ...good, latencyMs: 21, slow: true })
  counter.count({ ...bad, target: 'http://b', retryAfterSeconds: 7 })
  expect(counter.take()).toEqual({
    requests: 1,
    retries: 1,
    failuresInRow: 1,
    retryAfterSeconds: 7,
    targets: [
      { target: 'http://a', succeeded: 2, failed: 0, slow: 1, failuresInRow: 0, latencyMs: 16 },
      { target: 'http://b', succeeded: 0, failed: 1, slow: 0, failuresInRow: 1, latencyMs: null },
    ],
  })
  expect(counter.isEmpty).toBe(true)
})

test('failures in a row go on from report to report, until a success', () => {
  const counter = new Counter()
  counter.count(bad)
  counter.take()
  counter.count(bad)
  expect(counter.take()).toMatchObject({ failuresInRow: 2, targets: [{ failuresInRow: 2 }] })
  counter.count(good)
  expect(counter.take()).toMatchObject({ failuresInRow: 0, targets: [{ failuresInRow: 0 }] })
  counter.count(bad)
  expect(counter.take()).toMatchObject({ failuresInRow: 1, targets: [{ failuresInRow: 1 }] })
})

test('the longest Retry-After is told', () => {
  const counter = new Counter()
  for (const retryAfterSeconds of [5, 90, 30]) counter.count({ ...bad, retryAfterSeconds })
  expect(counter.take().retryAfterSeconds).toBe(90)
  counter.count(bad)
  expect(counter.take().retryAfterSeconds).toBeNull()
})

test('targets beyond any table take no memory', () => {
  const counter = new Counter()
  for (let index = 0; index < 2_500; index += 1)
    counter.count({ ...bad, target: `http://${index}` })
  expect(counter.take().targets).toHaveLength(2_000)
})
