/** The splits of a new upstream in its object, and what isolates know of them. */
import { expect, test } from 'vitest'
import type { PartContext } from '../state/part.ts'
import { noSide, type SideCounts } from './core.ts'
import { type CanaryRules, type CanaryWord, canaryLink, canaryPart, countSide } from './part.ts'

const rule = {
  route: 'shop',
  errorPercent: 5,
  latencyPercent: null,
  minimumRequests: 10,
  windowMs: 60_000,
}

const at = (now: number, options: CanaryRules = [rule]): PartContext<CanaryRules> => ({
  options,
  now,
  fraction: 0.5,
  nonce: 'ab',
})

const side = (requests: number, failed = 0): SideCounts => ({ ...noSide(), requests, failed })
const bad: CanaryWord = { route: 'shop', fresh: side(10, 5), others: side(10) }
const said = (...word: CanaryWord[]) => ({ isolate: 'i', tally: null, word })
const begin = () => canaryPart.begin(null, 0)

test('isolates learn that it is left, and operators too', () => {
  const turn = canaryPart.exchange(begin(), said(bad), at(5_000))
  expect(turn.view).toEqual({ left: ['shop'] })
  expect(turn.notices).toEqual([
    {
      notice: 'rollback',
      from: 'on',
      to: 'rolled-back',
      reason: 'error-rate',
      forSeconds: null,
      route: 'shop',
    },
  ])
  expect(canaryPart.show?.(turn.state, at(5_000))).toEqual([
    {
      route: 'shop',
      state: 'rolled-back',
      since: '1970-01-01T00:00:05.000Z',
      reason: 'error-rate',
      new: { requests: 10, failed: 5, meanMs: null },
      others: { requests: 10, failed: 0, meanMs: null },
    },
  ])
})

test('it stays left over sleep, until an operator resets it', () => {
  const { state } = canaryPart.exchange(begin(), said(bad), at(5_000))
  const kept = canaryPart.keep(state)
  const awake = canaryPart.begin(structuredClone(kept), 9_000)
  expect(canaryPart.exchange(awake, said(), at(900_000)).view).toEqual({ left: ['shop'] })
  const reset = canaryPart.command?.(awake, { kind: 'reset' }, at(900_000))
  expect(reset?.notices).toMatchObject([{ from: 'rolled-back', to: 'on', reason: 'operator' }])
  expect(canaryPart.keep(reset?.state ?? awake)).toBeNull()
  expect(canaryPart.exchange(begin(), said(), at(900_000)).view).toEqual({ left: [] })
})

test('a forced breaker is no word about splits', () => {
  const { state } = canaryPart.exchange(begin(), said(bad), at(5_000))
  const forced = canaryPart.command?.(state, { kind: 'force', state: 'closed' }, at(6_000))
  expect(canaryPart.keep(forced?.state ?? begin())).not.toBeNull()
})

test('each route is judged by itself', () => {
  const other = { ...rule, route: 'admin' }
  const words = [bad, { route: 'admin', fresh: side(10), others: side(10) }]
  const turn = canaryPart.exchange(begin(), said(...words), at(5_000, [rule, other]))
  expect(turn.view).toEqual({ left: ['shop'] })
})

test('a route that the table does not have is not counted, and what was left is remembered', () => {
  expect(canaryPart.exchange(begin(), said(bad), at(5_000, [])).state.size).toBe(0)
  const { state } = canaryPart.exchange(begin(), said(bad), at(5_000))
  expect(canaryPart.exchange(state, said(), at(6_000, [])).view).toEqual({ left: ['shop'] })
})

test('an isolate tells what it counted once, and again where it did not arrive', () => {
  const local = canaryLink.start()
  countSide(local, 'shop', { side: 'fresh', counts: side(1, 1) })
  countSide(local, 'shop', { side: 'others', counts: side(2) })
  const words = canaryLink.say(local, 0)
  expect(words).toEqual([{ route: 'shop', fresh: side(1, 1), others: side(2) }])
  expect(canaryLink.say(local, 0)).toBeNull()
  canaryLink.unsay(local, words ?? [])
  expect(canaryLink.say(local, 0)).toEqual(words)
})
