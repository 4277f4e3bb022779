import fc from 'fast-check'
import { expect, test } from 'vitest'
import { makeExchange } from '../../../../test/exchange.ts'
import { MemoryClock, settled } from '../../../platform/memory/clock.ts'
import type { Failed, Part, Values } from '../part.ts'
import { beforeOf, type Graph, ranksOf, turned } from '../plan/graph.ts'
import type { AggregatePlan, PlannedCall } from '../plan/plan.ts'
import { type CallRun, type RunnableCall, startRun } from './run.ts'

const seed = Number(process.env.SEED ?? Date.now() % 1_000_000)

function planOf(graph: Graph, required: readonly number[] = []): AggregatePlan {
  const ranks = ranksOf(graph)
  const longestFirst = (one: number, other: number) => ranks[other]! - ranks[one]! || one - other
  const leadsTo = turned(graph)
  const sees = beforeOf(graph)
  const calls = graph.map(
    (waitsFor, index): PlannedCall => ({
      name: `c${index}`,
      index,
      spec: { upstream: 'u', path: '/' },
      waitsFor,
      leadsTo: leadsTo[index]!.toSorted(longestFirst),
      sees: sees[index]!,
      rank: ranks[index]!,
      required: required.includes(index),
      isUsed: false,
      showsFields: false,
    }),
  )
  const begins = calls.flatMap((call) => (call.waitsFor.length === 0 ? [call.index] : []))
  return { calls, begins: begins.sort(longestFirst), names: new Map(), attributes: [] }
}

const answered = (value: unknown): Part => ({
  kind: 'answered',
  status: 200,
  headers: {},
  cookies: [],
  text: null,
  value,
})

const failed: Failed = {
  kind: 'failed',
  status: 404,
  code: 'CALL_FAILED',
  title: 'No.',
  retryAfter: null,
  headers: null,
  value: null,
  default: null,
}

const noValues: Values = { read: () => undefined, input: () => ({}) }

interface Shots {
  /** How long each waits for its headers. */
  readonly ms: readonly number[]
  /** How long its body takes afterwards. */
  readonly bodyMs?: number
}

interface Case {
  readonly graph: Graph
  /** Of each call. */
  readonly shots: readonly Shots[]
}

/** Runs the case in the time of a clock, and notes what was seen. */
function simulate({ graph, shots }: Case, ends: (index: number) => Part = answered) {
  const clock = new MemoryClock()
  const begun: { readonly index: number; readonly at: number }[] = []
  const over: (number | undefined)[] = []
  let waiting = 0
  let peak = 0
  const plan = planOf(graph)
  async function shoot({ slots, callOff }: CallRun, index: number, ms: number, bodyMs: number) {
    const release = await slots.take(plan.calls[index]!.rank)
    if (callOff.isOff) return
    begun.push({ index, at: clock.now() })
    waiting += 1
    peak = Math.max(peak, waiting)
    await clock.after(ms).done
    waiting -= 1
    release()
    if (bodyMs > 0) await clock.after(bodyMs).done
  }
  const calls = graph.map(
    (_, index): RunnableCall => ({
      async run(_values, run) {
        const { ms, bodyMs = 0 } = shots[index]!
        await Promise.all(ms.map((own) => shoot(run, index, own, bodyMs)))
        over[index] = clock.now()
        return ends(index)
      },
    }),
  )
  const exchange = makeExchange()
  const context = { exchange, endsAt: null, makeValues: () => noValues }
  return { run: startRun(plan, calls, context), clock, begun, over, peak: () => peak }
}

const cases: fc.Arbitrary<Case> = fc
  .array(
    fc.record({
      before: fc.array(fc.nat(), { maxLength: 3 }),
      ms: fc.array(fc.integer({ min: 1, max: 40 }), { minLength: 1, maxLength: 8 }),
    }),
    { minLength: 1, maxLength: 25 },
  )
  .map((calls) => ({
    // Only earlier calls are waited for, so that there is no cycle.
    graph: calls.map(({ before }, index) =>
      index === 0 ? [] : [...new Set(before.map((at) => at % index))].sort((a, b) => a - b),
    ),
    shots: calls.map(({ ms }) => ({ ms })),
  }))

test(`never more than five wait, none begins before its inputs, and each shot runs once (seed ${seed})`, async () => {
  await fc.assert(
    fc.asyncProperty(cases, async (given) => {
      const { run, clock, begun, over, peak } = simulate(given)
      const end = await clock.until(run.done)
      expect(end.kind).toBe('complete')
      expect(peak()).toBeLessThanOrEqual(5)
      for (const { index, at } of begun) {
        for (const input of given.graph[index]!) expect(over[input]).toBeLessThanOrEqual(at)
      }
      expect(
        given.graph.map((_, index) => begun.filter((shot) => shot.index === index).length),
      ).toEqual(given.shots.map(({ ms }) => ms.length))
      expect(end).toMatchObject({ parts: given.graph.map((_, index) => ({ value: index })) })
    }),
    { seed, numRuns: 60 },
  )
})

test(`it takes as long as its longest chain where slots are not scarce (seed ${seed})`, async () => {
  const chains = cases.map(({ graph, shots }) => ({
    graph: graph.slice(0, 5),
    shots: shots.slice(0, 5).map(({ ms }) => ({ ms: ms.slice(0, 1) })),
  }))
  await fc.assert(
    fc.asyncProperty(chains, async ({ graph, shots }) => {
      const { run, clock, over } = simulate({ graph, shots })
      await clock.until(run.done)
      const ends: number[] = []
      for (const [index, before] of graph.entries()) {
        ends.push(Math.max(0, ...before.map((at) => ends[at]!)) + shots[index]!.ms[0]!)
      }
      expect(over).toEqual(ends)
    }),
    { seed, numRuns: 60 },
  )
})

test(`a slot is never left empty while a shot waits for one (seed ${seed})`, async () => {
  // All independent: with five slots no greedy order takes longer than the work by five, and the longest shot.
  const wide = fc.array(fc.integer({ min: 1, max: 40 }), { minLength: 1, maxLength: 60 })
  await fc.assert(
    fc.asyncProperty(wide, async (times) => {
      const given = { graph: times.map(() => []), shots: times.map((ms) => ({ ms: [ms] })) }
      const { run, clock, over } = simulate(given)
      await clock.until(run.done)
      const work = times.reduce((sum, ms) => sum + ms, 0)
      expect(Math.max(...over.map((at) => at ?? 0))).toBeLessThanOrEqual(
        work / 5 + Math.max(...times),
      )
    }),
    { seed, numRuns: 60 },
  )
})

test(`what is called off sends nothing more (seed ${seed})`, async () => {
  await fc.assert(
    fc.asyncProperty(cases, fc.integer({ min: 0, max: 80 }), async (given, after) => {
      const { run, clock, begun } = simulate(given)
      await clock.advance(after)
      run.cancel()
      const count = begun.length
      await clock.advance(10_000)
      expect(begun).toHaveLength(count)
      const isDone = count === given.shots.flatMap(({ ms }) => ms).length
      const end = await run.done
      if (!isDone) expect(end).toMatchObject({ kind: 'lacking', failed: { code: 'CLIENT_CLOSED' } })
    }),
    { seed, numRuns: 60 },
  )
})

test('twenty calls that wait for nothing go five by five', async () => {
  const { run, clock, begun, peak } = simulate({
    graph: Array.from({ length: 20 }, () => []),
    shots: Array.from({ length: 20 }, () => ({ ms: [10] })),
  })
  await clock.until(run.done)
  expect(peak()).toBe(5)
  expect(begun.map(({ at }) => at)).toEqual([0, 10, 20, 30].flatMap((at) => [at, at, at, at, at]))
})

test('the call of the longest chain is sent first, wherever it stands in the table', async () => {
  const graph = [...Array.from({ length: 9 }, () => []), [10], []]
  const shots = graph.map(() => ({ ms: [10] }))
  const { run, clock, begun } = simulate({ graph, shots })
  await clock.until(run.done)
  expect(begun[0]).toEqual({ index: 10, at: 0 })
  expect(begun.map(({ index }) => index).slice(1, 5)).toEqual([0, 1, 2, 3])
  expect(begun.find(({ index }) => index === 9)?.at).toBe(20)
})

test('a slot is free when the headers are there: bodies do not count', async () => {
  const { run, clock, begun } = simulate({
    graph: Array.from({ length: 6 }, () => []),
    shots: Array.from({ length: 6 }, () => ({ ms: [10], bodyMs: 1_000 })),
  })
  await clock.advance(11)
  expect(begun).toHaveLength(6)
  await clock.until(run.done)
})

test('a hundred calls are one aggregate, in the order of the table', async () => {
  const graph = Array.from({ length: 100 }, (_, index) => (index < 50 ? [] : [index - 50]))
  const shots = graph.map((_, index) => ({ ms: [100 - index] }))
  const { run, clock } = simulate({ graph, shots })
  const end = await clock.until(run.done)
  expect(end).toMatchObject({ parts: graph.map((_, index) => ({ value: index })) })
})

/** Calls that end when the test says so. */
function controlled(graph: Graph, required: readonly number[] = []) {
  const plan = planOf(graph, required)
  const ends: ((part: Part) => void)[] = []
  const fails: ((bug: unknown) => void)[] = []
  const runs: CallRun[] = []
  const seen: string[][] = []
  const begun: number[] = []
  const calls = graph.map(
    (_, index): RunnableCall => ({
      run(_values, run) {
        begun.push(index)
        runs[index] = run
        return new Promise((resolve, reject) => {
          ends[index] = resolve
          fails[index] = reject
        })
      },
    }),
  )
  const run = startRun(plan, calls, {
    exchange: makeExchange(),
    endsAt: null,
    makeValues(parts) {
      seen.push(parts.map(({ call }) => call.name))
      return noValues
    },
  })
  return { run, ends, fails, runs, seen, begun }
}

test('a required call that fails ends the run at once and calls the others off', async () => {
  const { run, ends, runs, begun } = controlled([[], [], [1]], [0])
  ends[0]!(failed)
  expect(await run.done).toMatchObject({ kind: 'lacking', call: { name: 'c0' }, failed })
  expect(runs[1]!.callOff.signal.aborted).toBe(true)
  ends[1]!(answered(1))
  await settled()
  expect(begun).toEqual([1, 0])
})

test('one failed item fails a required call with items', async () => {
  const { run, ends } = controlled([[]], [0])
  ends[0]!({ kind: 'list', parts: [{ kind: 'skipped', value: null }, failed], cut: null })
  expect(await run.done).toMatchObject({ kind: 'lacking', failed })
})

test('a call that is not required fails alone, and those that wait for it go on', async () => {
  const { run, ends } = controlled([[], [0]])
  ends[0]!(failed)
  await settled()
  ends[1]!(answered('b'))
  expect(await run.done).toMatchObject({
    kind: 'complete',
    parts: [{ kind: 'failed' }, { value: 'b' }],
  })
})

test('a call sees those that are over before it by the plan, and no others that happen to be', async () => {
  const { ends, seen } = controlled([[], [0], [1], []])
  ends[3]!(answered(3))
  ends[0]!(answered(0))
  await settled()
  ends[1]!(answered(1))
  await settled()
  expect(seen).toEqual([[], [], ['c0'], ['c0', 'c1']])
})

test('a part can be had before the rest is over, asked for early or late', async () => {
  const { run, ends } = controlled([[], []])
  const early = run.part(1)
  ends[1]!(answered('b'))
  expect(await early).toMatchObject({ value: 'b' })
  expect(await run.part(1)).toMatchObject({ value: 'b' })
})

test('a bug in one call is the bug of the request, and calls the others off', async () => {
  const { run, fails, runs } = controlled([[], []])
  fails[0]!(new TypeError('bug'))
  await expect(run.done).rejects.toThrow('bug')
  expect(runs[1]!.callOff.signal.aborted).toBe(true)
})

test('to call off what is over changes nothing', async () => {
  const { run, ends, runs } = controlled([[]])
  ends[0]!(answered('a'))
  await run.done
  run.cancel()
  expect(runs[0]!.callOff.signal.aborted).toBe(false)
})
