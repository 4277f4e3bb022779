/** The sections on fleets and on a target that hangs. Pure. */

import type { FleetResult } from './fleet.ts'
import { type FleetReach, type FleetTitle, fleetTitles } from './fleet-titles.ts'
import {
  HANGING_PER_SECOND,
  type Hanging,
  HEDGE_AFTER_MS,
  hangingTitles,
  PER_TRY_MS,
} from './hanging-titles.ts'
import { table } from './markdown.ts'
import type { Results } from './results.ts'

export function renderFleet({ fleet }: Results): string {
  if (fleet === null) return ''
  const rows = fleet.map((result) => {
    const { title, reach }: FleetTitle = fleetTitles[result.name]
    const { requests, admitted, objectCalls, failures, earlyFailures } = result
    return [
      `${title}${failures > 0 ? ` (**${failures} failures: worthless**)` : ''}`,
      result.perSecond.toLocaleString('en-US'),
      String(requests),
      String(admitted),
      String(earlyFailures),
      String(objectCalls),
      share(objectCalls, requests),
      share(objectCalls, admitted),
      aboveOf(result),
      reach === null ? '' : reachOf(reach, result),
    ]
  })
  return `## Calls of objects in a fleet

Eight gateways, each in its own isolate, over one service of Durable Objects in one workerd, after three seconds of the same load.
Requests come at a steady rate, over the gateways in turn. “Above” is the most that was admitted over \`burst + limit × T\` in any interval T, judged
from outside: what was sent and answered within it. “Failed at the start” are answers of neither 200 nor 429 in those first three
seconds, when the load sets in on a machine that also runs the client. Where there is a limit the gateway itself answers.

${table(['Load', 'Requests / s', 'Requests', 'Admitted', 'Failed at the start', 'Object calls', '/ request', '/ admitted', 'Above the limit', 'Reach'], rows)}`
}

export function renderHanging({ hanging }: Results): string {
  if (hanging === null) return ''
  const healthy = hanging.find(({ name }) => name === 'healthy')?.p99Ms ?? Number.NaN
  const rows = hanging.map(({ name, requests, failures, p50Ms, p99Ms, maxMs }: Hanging) => [
    hangingTitles[name],
    String(requests),
    String(failures),
    p50Ms.toFixed(1),
    p99Ms.toFixed(1),
    maxMs.toFixed(1),
    name === 'healthy' ? '' : `+${(p99Ms - healthy).toFixed(1)}`,
  ])
  return `## One target of three hangs

It takes connections and never answers; ${HANGING_PER_SECOND} requests a second. The upstream has \`hedge.afterMs\` ${HEDGE_AFTER_MS}, \`perTryTimeoutMs\` ${PER_TRY_MS}, three
attempts and a breaker. A third of the calls meet it first, more than the default budget (20 % of the requests) lets be sent again.
Milliseconds.

${table(['', 'Requests', 'Not 200', 'p50', 'p99', 'Max', 'p99 added'], rows)}`
}

function share(calls: number, of: number): string {
  return of === 0 ? '' : (calls / of).toFixed(4)
}

function aboveOf({ excess }: FleetResult): string {
  return excess === null ? '' : Math.max(0, excess).toFixed(1)
}

function reachOf({ of, atMost }: FleetReach, { objectCalls, requests, admitted }: FleetResult) {
  const ratio = objectCalls / (of === 'request' ? requests : admitted)
  return `≤ ${atMost} / ${of}: ${ratio <= atMost ? 'reached' : 'missed'}`
}
