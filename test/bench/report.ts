/** Writes the results as a page for people: figures, what they were to reach, and how far to trust them. Pure. */
import { cases } from './cases.ts'
import { type Cost, costs as costTitles } from './cost-titles.ts'
import { table } from './markdown.ts'
import { renderAggregates } from './report-aggregates.ts'
import { renderBursts } from './report-burst.ts'
import { renderFleet, renderHanging } from './report-fleet.ts'
import type { Results } from './results.ts'
import type { Summary } from './stats.ts'

/** docs/benchmarks.md. */
export function renderReport(results: Results): string {
  return [
    head(results),
    cpu(results),
    renderFleet(results),
    renderBursts(results),
    renderHanging(results),
    renderAggregates(results),
    throughput(results),
    matcher(results),
    startUp(results),
    bundle(results),
    costs(results),
    method(results),
  ]
    .filter((section) => section !== '')
    .join('\n\n')
    .concat('\n')
}

/** The same tables for a terminal. */
export function renderTables(results: Results): string {
  return [
    cpu(results),
    renderFleet(results),
    renderBursts(results),
    renderHanging(results),
    renderAggregates(results),
    throughput(results),
    matcher(results),
    startUp(results),
    bundle(results),
    costs(results),
  ]
    .filter((section) => section !== '')
    .join('\n\n')
}

function head({ date, computer, origin }: Results): string {
  const { cpu: model, cores, memoryGiB, system, node, workerd, hono, memoirist } = computer
  return `# Benchmarks

Written by \`npm run bench\` on ${date}; the raw figures stand in \`test/bench/results.json\`. Run it on your own machine.

${model}, ${cores} cores, ${memoryGiB} GiB, ${system}. workerd ${workerd}, Node ${node}, hono ${hono},
memoirist ${memoirist}; the origin behind all contestants is ${origin}.`
}

function cpu(results: Results): string {
  const { cpu: duels, plan, objectCalls } = results
  if (duels.length === 0) return ''
  const callsOf = new Map(objectCalls.map(({ name, perRequest }) => [name, perRequest]))
  const rows = duels.map(({ name, total, turns, cpuSeconds, bareCpuSeconds, failures }) => [
    `${titleOf(name)}${failures > 0 ? ` (**${failures} failures: worthless**)` : ''}`,
    times(total),
    times(turns.median),
    spread(turns),
    cpuSeconds.toFixed(3),
    bareCpuSeconds.toFixed(3),
    perRequest(callsOf.get(name)),
    [reachOf(name, total), besideOf(name, results)].filter((text) => text !== '').join('; '),
  ])
  return `## CPU per request

CPU of the contestant's process, relative to a Worker that only does \`return fetch(request)\` to the same origin.
${plan.generations * plan.rounds} turns of ${plan.pairs * plan.sliceRequests} requests each. The first row is a bare Worker against a bare Worker: what it differs from 1.00 is noise.
Calls of Durable Objects, where there are any, were counted in a run of their own, with all isolates and objects in one process.

${table(['Contestant', 'All CPU', 'Median turn', 'Quartiles (min to max)', 's / 1,000', 'its bare Worker', 'Object calls / request', 'Reach'], rows)}`
}

function perRequest(calls: number | undefined): string {
  return calls === undefined ? '' : calls.toFixed(4)
}

/** The CPU in terms of another case, both over their bare Workers. */
function besideOf(name: string, { cpu: duels }: Results): string {
  const beside = cases.find((one) => one.name === name)?.beside
  const totalOf = (wanted: string) => duels.find((one) => one.name === wanted)?.total
  if (beside === undefined) return ''
  const ratio = (totalOf(name) ?? Number.NaN) / (totalOf(beside.name) ?? Number.NaN)
  if (Number.isNaN(ratio)) return ''
  const verdict = ratio <= beside.atMost ? 'reached' : 'missed'
  return `${times(ratio)} of “${titleOf(beside.name)}”, ≤ ${beside.atMost.toFixed(2)}: ${verdict}`
}

function throughput({ throughput: measured }: Results): string {
  if (measured === null) return ''
  const rows = measured.of.map(({ name, requestsPerSecond, p50Ms, p99Ms }) => [
    titleOf(name),
    String(Math.round(requestsPerSecond)),
    p50Ms.toFixed(1),
    p99Ms.toFixed(1),
  ])
  return `## Requests per second

By ${measured.tool}, 32 connections, one core for the contestant: medians. Load and origin share the machine, so read the
CPU above for differences; this tells the order of magnitude.

${table(['Contestant', 'Requests / s', 'p50 ms', 'p99 ms'], rows)}`
}

function matcher({ matcher: measured }: Results): string {
  if (measured === null) return ''
  const rows = measured.lookUps.map(({ routes, isogateNs, memoiristNs }) => [
    routes.toLocaleString('en-US'),
    isogateNs.toFixed(0),
    memoiristNs.toFixed(0),
    times(isogateNs / memoiristNs),
  ])
  const { routes, coldTrustedMs, trustedMs, judgedMs } = measured.compiling
  return `## Look-up and compiling

Inside workerd: random requests on a table of prefixes, params and rests. memoirist matches method and path only; ours knows
hosts, conditions and precedence as well. Reach: under 1,000 ns among 10,000 routes, and within 2 × of memoirist.

${table(['Routes', 'isogate ns', 'memoirist ns', 'Ratio'], rows)}

A table of ${routes.toLocaleString('en-US')} routes, from its text to a plan: ${coldTrustedMs.toFixed(0)} ms in a new isolate where this build has accepted the text before
(${trustedMs.toFixed(0)} ms once warm), ${judgedMs.toFixed(0)} ms with every check.`
}

function startUp({ startUp: measured }: Results): string {
  if (measured === null) return ''
  const bare = measured.find(({ routes }) => routes === null)?.firstAnswerMs ?? Number.NaN
  const rows = measured.map(({ routes, firstAnswerMs, listeningMs }) => [
    routes === null ? 'Bare Worker' : `isogate, ${routes.toLocaleString('en-US')} routes`,
    listeningMs.toFixed(0),
    firstAnswerMs.toFixed(0),
    routes === null ? '' : `+${(firstAnswerMs - bare).toFixed(0)}`,
  ])
  return `## Start-up

Milliseconds from the start of the process, medians. The first answer has read the table from KV and been to the origin.
Reach: within 60 ms of the bare Worker with 1 and with 1,000 routes; 10,000 are stated.

${table(['', 'Listening', 'First answer', 'Over bare'], rows)}`
}

function bundle({ bundle: size }: Results): string {
  if (size === null) return ''
  const kib = (bytes: number) => `${(bytes / 1024).toFixed(1)} KiB`
  return `## Bundle

${kib(size.rawBytes)}, ${kib(size.gzipBytes)} with gzip. Reach: 150 KiB with gzip.`
}

function costs({ costs: measured }: Results): string {
  const plain = measured.find(({ name }) => name === 'plain')
  if (plain === undefined) return ''
  const rows = measured.map(({ name, total, turns }) => [
    costTitles[name as Cost],
    times(total),
    name === 'plain'
      ? ''
      : `${total < plain.total ? '' : '+'}${(100 * (total - plain.total)).toFixed(0)} %`,
    spread(turns),
  ])
  return `## What single things cost

CPU of a Worker that passes requests on and does one thing more, relative to the bare Worker. Read differences of two points as
noise. Most is not in the call itself but in what it leaves behind for the collector, and in caches that it empties.

${table(['A Worker that does', 'x bare', 'over the first', 'Quartiles of turns (min to max)'], rows)}`
}

function method({ plan, pinned }: Results): string {
  return `## How this was measured

- Everything runs on bare \`workerd serve\`, the gateway as the production bundle with the configuration of \`npm start\`; its events are
  written to /dev/null where the event log is on.
- ${pinned ? 'The contestant has one core for itself; load and origin share the others.' : 'Nothing was pinned to cores.'}
- Shared machines change their speed by 10-30 % within a second. So each contestant gets a bare Worker of its own, both in their own process, of
  one age and with as many requests behind them, and the two alternate in slices of ${plan.sliceRequests} requests (about 20 ms) over 32 open connections. A turn is
  ${plan.pairs} pairs of slices; its ratio is all CPU of the one over all CPU of the other, so that collecting garbage and writing events count in full.
  Each of the ${plan.generations} generations starts all processes anew.
- CPU is user and system time of the process with all its threads, from /proc. The load is our own, of fixed count: wrk cannot run for
  less than a second.
- Requests are GET with seven header fields; the answer is 280 bytes of JSON.`
}

function titleOf(name: string): string {
  return cases.find((one) => one.name === name)?.title ?? name
}

function reachOf(name: string, ratio: number): string {
  const reach = cases.find((one) => one.name === name)?.reach ?? null
  if (reach === null) return ''
  return `≤ ${reach.toFixed(2)}: ${ratio <= reach ? 'reached' : 'missed'}`
}

function spread({ lowerQuartile, upperQuartile, min, max }: Summary): string {
  const outer = `${min.toFixed(2)} to ${max.toFixed(2)}`
  return `${lowerQuartile.toFixed(2)} – ${upperQuartile.toFixed(2)} (${outer})`
}

function times(ratio: number): string {
  return ratio.toFixed(3)
}
