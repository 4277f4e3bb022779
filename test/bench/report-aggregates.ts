/** The section on aggregates, streams of parts and changed bodies. Pure. */
import {
  type ByHand,
  type ByHandCase,
  byHand,
  byHandPlan,
  FIRST_BYTE_REACH_MS,
  HUNDRED,
  SERVICES_MS,
} from './aggregate-titles.ts'
import type { DuelResult } from './duel.ts'
import { table } from './markdown.ts'
import type { Results } from './results.ts'

export function renderAggregates(results: Results): string {
  return [renderByHand(results), renderFirstByte(results), renderHundred(results)]
    .filter((section) => section !== '')
    .join('\n\n')
}

function renderByHand({ byHand: duels }: Results): string {
  if (duels.length === 0) return ''
  const { generations, rounds, pairs, sliceRequests } = byHandPlan
  return `## Answers made of others, beside Workers by hand

CPU of the contestant over that of a Worker which is written for just this, both on bare workerd, in turn against each other (${generations * rounds} turns of
${pairs * sliceRequests} requests each). The shortest passes no field on but \`Accept\`, has no time limit and gives up where the required call fails.

${table(['Contestant', 'Beside', 'All CPU', 'Median turn', 'Quartiles (min to max)', 's / 1,000', 'by hand', 'Reach'], duels.map(rowOf))}`
}

function rowOf({ name, total, turns, cpuSeconds, bareCpuSeconds, failures }: DuelResult): string[] {
  const { title, beside, atMost }: ByHand = byHand[name as ByHandCase]
  const { median, lowerQuartile, upperQuartile, min, max } = turns
  return [
    `${title}${worthless(failures)}`,
    beside,
    total.toFixed(3),
    median.toFixed(3),
    `${lowerQuartile.toFixed(2)} – ${upperQuartile.toFixed(2)} (${min.toFixed(2)} to ${max.toFixed(2)})`,
    cpuSeconds.toFixed(3),
    bareCpuSeconds.toFixed(3),
    atMost === null ? '' : verdict(total, atMost, atMost.toFixed(2)),
  ]
}

function renderFirstByte({ firstByte }: Results): string {
  if (firstByte === null) return ''
  const { requests, failures, stream, routed, direct } = firstByte
  const row = (title: string, { p50Ms, p99Ms }: typeof stream) => [title, ms(p50Ms), ms(p99Ms)]
  const added = { p50Ms: stream.p50Ms - direct.p50Ms, p99Ms: stream.p99Ms - direct.p99Ms }
  const reach = (late: number) =>
    `${late < 0 ? '' : '+'}${ms(late)}: ${late <= FIRST_BYTE_REACH_MS ? 'reached' : 'missed'}`
  return `### The first byte of a stream

Three services that take ${SERVICES_MS.join(', ')} ms, the fastest one required, \`stream: "ndjson"\`: milliseconds until the first byte is with the client, beside
a direct call to the fastest service. ${requests} requests each, in turn${worthless(failures)}. Reach: at most ${FIRST_BYTE_REACH_MS} ms later.

${table(['', 'p50', 'p99'], [row('The fastest service, asked directly', direct), row('The same on a plain route of the gateway', routed), row('The first part of the stream', stream), ['Later than asked directly by', reach(added.p50Ms), reach(added.p99Ms)]])}`
}

function renderHundred({ hundred }: Results): string {
  if (hundred === null) return ''
  const { requests, failures, beforeMiB, afterMiB, mostMiB, perRequestMs } = hundred
  const row = [beforeMiB, afterMiB, mostMiB].map((size) => size.toFixed(1))
  return `### ${HUNDRED} calls in one answer

What workerd has in memory (MiB, resident) before and after ${requests.toLocaleString('en-US')} requests for an aggregate of ${HUNDRED} calls, five of them open at a time${worthless(failures)}.

${table(['Before', 'After', 'Most', 'ms / request'], [[...row, perRequestMs.toFixed(1)]])}`
}

function worthless(failures: number): string {
  return failures > 0 ? ` (**${failures} failures: worthless**)` : ''
}

function verdict(value: number, atMost: number, shown: string): string {
  return `≤ ${shown}: ${value <= atMost ? 'reached' : 'missed'}`
}

function ms(value: number): string {
  return value.toFixed(1)
}
