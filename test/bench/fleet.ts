/**
 * Eight gateways over one object service, under a steady load: how many calls of objects a request costs, and
 * whether more was admitted than the limit allows.
 */
import { admitted, excess, type Rate } from '../metered/excess.ts'
import { askMeter } from '../metered/metered.ts'
import { guarded } from './call-cases.ts'
import { type Ring, requestHeaders, requestPath } from './contestants.ts'
import { type FleetCase, fleetTitles } from './fleet-titles.ts'
import { load, runGateway } from './gateway.ts'
import { type Pace, type Paced, sendPaced } from './paced.ts'
import { route } from './tables.ts'
import { newFolder } from './worker.ts'

export interface FleetResult {
  readonly name: FleetCase
  readonly perSecond: number
  readonly requests: number
  readonly admitted: number
  /** Answers that are neither 200 nor 429: they make the row worthless. */
  readonly failures: number
  /** The same in the seconds before those that count, when the load begins. */
  readonly earlyFailures: number
  readonly objectCalls: number
  /** The most tokens above the bound in any interval; at most 0 where it holds, null where there is no limit. */
  readonly excess: number | null
}

const SERVICES = 8

interface Setup {
  readonly name: FleetCase
  readonly perSecond: number
  readonly rate: Rate | null
  table(ring: Ring): object
  /** Keys in turn; null for one. */
  readonly keys: number | null
}

/** The gateway answers itself: an origin would take its share of a machine that has to keep the pace. */
const limited = (rate: Rate, by: string) => () => {
  const { limit, windowMs, burst } = rate
  const windowSeconds = windowMs / 1_000
  const policy = { use: 'rate-limit', by: [by], limit, windowSeconds, burst, onStoreFault: 'deny' }
  const { name, match } = route
  const answer = { status: 200, body: 'ok' }
  return { version: 1, routes: [{ name, match, policies: [policy], respond: answer }] }
}

const perSecond = (limit: number): Rate => ({ limit, windowMs: 1_000, burst: limit })
const fivePerHour: Rate = { limit: 5, windowMs: 3_600_000, burst: 5 }
const hundredPerMinute: Rate = { limit: 100, windowMs: 60_000, burst: 100 }

function setupOf(name: FleetCase): Setup {
  const hot = (rate: Rate) => ({
    name,
    perSecond: 1_000,
    rate,
    table: limited(rate, 'global'),
    keys: null,
  })
  switch (name) {
    case 'below':
      return hot(perSecond(2_000))
    case 'above':
      return hot(perSecond(500))
    case 'flood':
      return hot(fivePerHour)
    case 'keys':
      return {
        ...hot(hundredPerMinute),
        // Each new bucket is a write: more of them than a disk takes would only make a queue.
        perSecond: 200,
        rate: null,
        table: limited(hundredPerMinute, 'header.x-tenant'),
        keys: 10_000,
      }
    case 'calls':
      return { ...hot(fivePerHour), perSecond: 20 * SERVICES, rate: null, table: guarded }
  }
}

/** `ring` has the metered build. */
export async function measureFleet(
  ring: Ring,
  { seconds }: { readonly seconds: number },
): Promise<readonly FleetResult[]> {
  const results: FleetResult[] = []
  for (const name of Object.keys(fleetTitles) as FleetCase[]) {
    results.push(await measureOne(setupOf(name), ring, seconds))
  }
  return results
}

async function measureOne(setup: Setup, ring: Ring, seconds: number): Promise<FleetResult> {
  const { name, perSecond, rate, keys } = setup
  const stateFolder = newFolder(ring.folder)
  const gateway = await runGateway(ring, { stateFolder, log: 'json', services: SERVICES })
  try {
    await load(gateway, setup.table(ring))
    const pace: Pace = {
      urls: gateway.urls,
      path: requestPath,
      perSecond,
      seconds,
      fields: (at) =>
        keys === null ? requestHeaders : { ...requestHeaders, 'X-Tenant': `${at % keys}` },
    }
    // Eight cold isolates under load at once would only measure how long they take to start.
    await sendPaced({ ...pace, perSecond: GENTLE_PER_SECOND, seconds: WARM_UP_SECONDS })
    // An isolate has to see how many requests come before it asks for as many tokens.
    const early = await sendPaced({ ...pace, seconds: WARM_UP_SECONDS })
    await askMeter(gateway.url, { reset: true })
    const answers = await sendPaced(pace)
    const { bucketCalls, upstreamCalls } = await askMeter(gateway.url)
    return {
      name,
      perSecond,
      requests: answers.length,
      admitted: admitted(answers).length,
      failures: answers.filter(isFailure).length,
      earlyFailures: early.filter(isFailure).length,
      objectCalls: bucketCalls + upstreamCalls,
      excess: rate === null ? null : excess([...early, ...answers], rate),
    }
  } finally {
    await gateway.stop()
  }
}

const WARM_UP_SECONDS = 3
const GENTLE_PER_SECOND = 80

function isFailure({ status }: Paced): boolean {
  return status !== 200 && status !== 429
}
