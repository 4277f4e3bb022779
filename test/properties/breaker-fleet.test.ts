/** Fifty isolates, one upstream that fails, slows and flaps, messages with delays: what may reach it and what may not. */
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { makeFleet } from '../doubles/fleet.ts'

const ISOLATES = 50
const THRESHOLD = 5
const PROBES = 3
const REPORT_EVERY_MS = 5_000
const OPEN_SECONDS = 8
const END_MS = 45_000

type Mode = 'well' | 'failing' | 'slow' | 'flapping'

interface Weather {
  readonly seed: number
  /** The way to the object, and the same back. */
  readonly delayMs: number
  /** Between two calls of one isolate, on average. */
  readonly gapMs: number
  /** What the upstream does from 10 s on, until 30 s. */
  readonly mode: Exclude<Mode, 'well'>
}

interface Reached {
  readonly at: number
  readonly isolate: number
  readonly isProbe: boolean
}

/** A stream of numbers from 0 to 1 that a seed names (mulberry32). */
function randomOf(seed: number): () => number {
  let state = seed
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296
  }
}

async function simulate({ seed, delayMs, gapMs, mode }: Weather) {
  const random = randomOf(seed)
  const reached: Reached[] = []
  const latencyMs = mode === 'slow' ? 1_500 : 30
  let inFlight = 0
  let mostInFlight = 0
  const fleet = makeFleet({
    isolates: ISOLATES,
    breaker: {
      consecutiveFailures: THRESHOLD,
      openSeconds: OPEN_SECONDS,
      halfOpenProbes: PROBES,
      slowCallMs: 1_000,
    },
    fraction: random,
    async serve({ exchange }) {
      const at = fleet.clock.now() - start
      const isSick = at >= 10_000 && at < 30_000
      reached.push({
        at,
        isolate: Number(exchange.id),
        isProbe: exchange.event.breaker === 'probe',
      })
      inFlight += 1
      mostInFlight = Math.max(mostInFlight, inFlight)
      await fleet.clock.after(isSick ? latencyMs : 20).done
      inFlight -= 1
      const isBad = isSick && (mode === 'failing' || (mode === 'flapping' && random() < 0.8))
      return new Response(null, { status: isBad ? 500 : 200 })
    },
  })
  const start = fleet.clock.now()
  fleet.objects.delayMs = delayMs
  async function live(isolate: number): Promise<void> {
    for (;;) {
      await fleet.clock.after(gapMs * 2 * random()).done
      if (fleet.clock.now() - start >= END_MS) return
      void fleet.call(isolate, { id: String(isolate) })
    }
  }
  for (let isolate = 0; isolate < ISOLATES; isolate += 1) void live(isolate)
  await fleet.clock.advance(END_MS)
  const phases = fleet.objects.notices.map(({ time, from, to }) => ({
    at: Date.parse(time) - start,
    from,
    to,
  }))
  return { reached, phases, latencyMs, mostInFlight }
}

const weather: fc.Arbitrary<Weather> = fc.record({
  seed: fc.integer(),
  delayMs: fc.constantFrom(1, 40, 250),
  gapMs: fc.constantFrom(250, 1_000),
  mode: fc.constantFrom('failing' as const, 'slow' as const, 'flapping' as const),
})

test('what reaches an upstream that the fleet found failing is bounded, and its probes are exact', async () => {
  await fc.assert(
    fc.asyncProperty(weather, async (given) => {
      const { reached, phases, latencyMs, mostInFlight } = await simulate(given)
      const opened = phases.find(({ to }) => to === 'open')?.at
      // It has to open at all, or the rest would hold for a breaker that does nothing.
      expect(opened).toBeGreaterThanOrEqual(10_000)
      if (opened === undefined) return
      const interval = REPORT_EVERY_MS + 2 * given.delayMs + latencyMs
      const closed = phases.find(({ to }) => to === 'closed')?.at ?? END_MS
      const late = reached.filter(({ at, isProbe }) => at > opened && at < closed && !isProbe)
      // Gaps are even from nothing to twice the mean: no isolate of these calls twice as often as the mean.
      const each = Math.ceil((2 * interval) / given.gapMs)
      expect(late.length).toBeLessThanOrEqual(THRESHOLD + mostInFlight + ISOLATES * each)
      for (let isolate = 0; isolate < ISOLATES; isolate += 1) {
        const own = late.filter((one) => one.isolate === isolate).map(({ at }) => at)
        // It hears with its next report, which the first call after five seconds brings; then it sends nothing.
        const span = own.length === 0 ? 0 : Math.max(...own) - Math.min(...own)
        expect(span).toBeLessThanOrEqual(interval + 2 * given.gapMs)
      }
      for (const [index, phase] of phases.entries()) {
        if (phase.to !== 'half-open') continue
        const after = phases[index + 1]
        const end = after?.at ?? END_MS
        const probes = reached.filter(({ at, isProbe }) => isProbe && at >= phase.at && at <= end)
        expect(probes.length).toBeLessThanOrEqual(PROBES)
        if (after?.to === 'closed') expect(probes).toHaveLength(PROBES)
      }
    }),
    { numRuns: 6 },
  )
}, 60_000)

test('once the upstream is well the breaker closes, and calls go as before', async () => {
  const { phases, reached } = await simulate({ seed: 7, delayMs: 40, gapMs: 500, mode: 'failing' })
  expect(phases.at(-1)).toMatchObject({ from: 'half-open', to: 'closed' })
  const since = phases.at(-1)?.at ?? END_MS
  // A hundred calls a second were asked for.
  expect(reached.filter(({ at }) => at > since).length).toBeGreaterThan(100)
}, 60_000)
