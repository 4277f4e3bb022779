/**
 * Counts calls of objects for the cases that make some: the same gateway under the same load, with a meter in its
 * objects. In a run of its own, so that the meter costs nobody any CPU.
 */
import { askMeter } from '../metered/metered.ts'
import type { Case } from './cases.ts'
import type { Ring } from './contestants.ts'

export interface ObjectCalls {
  readonly name: string
  readonly perRequest: number
}

const WARM_UP = 3_000
const REQUESTS = 10_000

/** `ring` has the metered build. */
export async function countObjectCalls(
  cases: readonly Case[],
  ring: Ring,
): Promise<readonly ObjectCalls[]> {
  const counted: ObjectCalls[] = []
  for (const one of cases) {
    if (one.objectCalls === undefined) continue
    const perRequest = one.objectCalls === 'counted' ? await count(one, ring) : one.objectCalls
    counted.push({ name: one.name, perRequest })
  }
  return counted
}

async function count(one: Case, ring: Ring): Promise<number> {
  const requests = await one.requests?.()
  const contestant = await one.start(requests === undefined ? ring : { ...ring, requests })
  try {
    const url = `http://127.0.0.1:${contestant.port}`
    await contestant.load.run(WARM_UP)
    await askMeter(url, { reset: true })
    await contestant.load.run(REQUESTS)
    const { bucketCalls, upstreamCalls } = await askMeter(url)
    return (bucketCalls + upstreamCalls) / REQUESTS
  } finally {
    await contestant.stop()
  }
}
