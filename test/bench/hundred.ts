/** What a gateway holds in memory while it answers with a hundred calls, again and again. */
import { readFileSync } from 'node:fs'
import { HUNDRED, type Hundred } from './aggregate-titles.ts'
import { aggregateOf } from './aggregates.ts'
import { enter, type Ring } from './contestants.ts'
import { load, runGateway } from './gateway.ts'
import { median } from './stats.ts'
import { newFolder } from './worker.ts'

// By then the heap has the size that the load asks for: it grew for 750 of them, and not in the 4,000 after.
const WARM_UP = 1_000
const SLICE = 100

export async function measureHundred(
  ring: Ring,
  { requests }: { readonly requests: number },
): Promise<Hundred> {
  const gateway = await runGateway(ring, { stateFolder: newFolder(ring.folder), log: 'json' })
  await load(gateway, aggregateOf(ring, { calls }))
  const { pid, load: sender, stop } = enter({ ...ring, connections: 4 }, gateway)
  try {
    await sender.run(WARM_UP)
    const beforeMiB = residentMiB(pid)
    let mostMiB = beforeMiB
    const times: number[] = []
    for (let sent = 0; sent < requests; sent += SLICE) {
      const startedAt = performance.now()
      await sender.run(SLICE)
      times.push((performance.now() - startedAt) / SLICE)
      mostMiB = Math.max(mostMiB, residentMiB(pid))
    }
    const { failures } = sender
    return {
      requests,
      failures,
      beforeMiB,
      afterMiB: residentMiB(pid),
      mostMiB,
      perRequestMs: median(times),
    }
  } finally {
    await stop()
  }
}

const calls = Object.fromEntries(
  Array.from({ length: HUNDRED }, (_, at) => [
    `c${at}`,
    { upstream: 'origin', path: `/parts/${at}` },
  ]),
)

/** What the process has in memory (proc_pid_status(5)). */
function residentMiB(pid: number): number {
  const text = readFileSync(`/proc/${pid}/status`, 'utf8')
  return Number(/VmRSS:\s+(\d+) kB/.exec(text)?.[1]) / 1024
}
