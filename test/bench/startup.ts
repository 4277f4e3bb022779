/** How long from the start of the process until the first answer that came from the origin. */

import { enter, type Ring, type Started } from './contestants.ts'
import { load, runGateway } from './gateway.ts'
import { median } from './stats.ts'
import { manyRoutes } from './tables.ts'
import { newFolder, runWorker } from './worker.ts'

export interface StartUp {
  /** Null is the bare Worker. */
  readonly routes: number | null
  /** Milliseconds, median. */
  readonly firstAnswerMs: number
  /** Of that, until workerd listens: before any of our code runs. */
  readonly listeningMs: number
}

const TABLES = [1, 1000, 10_000]

/** In turn, `rounds` times each; a process answers once and ends. Give a ring that pins nothing. */
export async function measureStartUp(ring: Ring, rounds: number): Promise<readonly StartUp[]> {
  const starts: { readonly routes: number | null; run(): Promise<Started> }[] = [
    { routes: null, run: () => runWorker(ring, 'bare') },
  ]
  for (const routes of TABLES) {
    const stateFolder = await prepare(ring, routes)
    starts.push({ routes, run: () => runGateway(ring, { stateFolder, log: 'json' }) })
  }
  const samples = starts.map(() => ({ first: [] as number[], listening: [] as number[] }))
  // The first round only fills the caches of the disk.
  for (let round = -1; round < rounds; round++) {
    for (const [index, { run }] of starts.entries()) {
      const { firstAnswerMs, listeningMs } = await startOnce(ring, run)
      if (round < 0) continue
      samples[index]?.first.push(firstAnswerMs)
      samples[index]?.listening.push(listeningMs)
    }
  }
  return starts.map(({ routes }, index) => ({
    routes,
    firstAnswerMs: median(samples[index]?.first ?? []),
    listeningMs: median(samples[index]?.listening ?? []),
  }))
}

/** State as a run leaves it: the table is in KV, and this build has accepted it. */
async function prepare(ring: Ring, routes: number): Promise<string> {
  const stateFolder = newFolder(ring.folder)
  const gateway = await runGateway(ring, { stateFolder, log: 'json' })
  await load(gateway, manyRoutes(ring, routes))
  await gateway.stop()
  return stateFolder
}

async function startOnce(ring: Ring, run: () => Promise<Started>) {
  const begun = performance.now()
  const started = await run()
  const listeningMs = performance.now() - begun
  const contestant = enter(ring, started)
  await contestant.load.run(1)
  const firstAnswerMs = performance.now() - begun
  const { failures } = contestant.load
  await contestant.stop()
  if (failures > 0) throw new Error('the first answer was not 200')
  return { listeningMs, firstAnswerMs }
}
