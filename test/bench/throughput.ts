/** Requests per second and latency of each contestant, in turn. */
import type { Contestant } from './contestants.ts'
import type { Entrant } from './duel.ts'
import type { NamedThroughput } from './results.ts'
import { median } from './stats.ts'
import { findLoadTool } from './wrk.ts'

const SLICE_SECONDS = 2

export async function measureThroughput(
  entrants: readonly Entrant[],
  rounds: number,
): Promise<{ readonly tool: string; readonly of: readonly NamedThroughput[] }> {
  const tool = findLoadTool()
  const running: { readonly name: string; readonly contestant: Contestant }[] = []
  try {
    for (const { name, start } of entrants) running.push({ name, contestant: await start() })
    const samples = running.map(() => [] as Omit<NamedThroughput, 'name'>[])
    // The first round warms up.
    for (let round = -1; round < rounds; round++) {
      for (const [index, { contestant }] of running.entries()) {
        const sample = await tool.measure(contestant, SLICE_SECONDS)
        if (round >= 0) samples[index]?.push(sample)
      }
    }
    const of = running.map(({ name }, index) => {
      const own = samples[index] ?? []
      return {
        name,
        requestsPerSecond: median(own.map(({ requestsPerSecond }) => requestsPerSecond)),
        p50Ms: median(own.map(({ p50Ms }) => p50Ms)),
        p99Ms: median(own.map(({ p99Ms }) => p99Ms)),
      }
    })
    return { tool: tool.name, of }
  } finally {
    await Promise.all(running.map(({ contestant }) => contestant.stop()))
  }
}
