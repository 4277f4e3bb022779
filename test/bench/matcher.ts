/** Asks the bench Worker for look-ups and compile times, and sums them up. */

import { type Ring, startWorker } from './contestants.ts'
import type { Compiling, LookUps } from './samples.ts'
import { median } from './stats.ts'
import { manyRoutes } from './tables.ts'

export interface MatcherResult {
  readonly routes: number
  readonly isogateNs: number
  readonly memoiristNs: number
}

export interface CompileResult {
  readonly routes: number
  /** In an isolate that has compiled nothing before. */
  readonly coldTrustedMs: number
  readonly trustedMs: number
  readonly judgedMs: number
}

export interface MatcherResults {
  readonly lookUps: readonly MatcherResult[]
  readonly compiling: CompileResult
}

export async function measureMatcher(ring: Ring): Promise<MatcherResults> {
  const lookUps: MatcherResult[] = []
  for (const routes of [10, 1000, 10_000]) {
    const { isogate, memoirist } = await ask<LookUps>(ring, `/look-ups?routes=${routes}`)
    lookUps.push({ routes, isogateNs: median(isogate), memoiristNs: median(memoirist) })
  }
  const routes = 10_000
  const table = JSON.stringify(manyRoutes(ring, routes))
  const { trustedMs, judgedMs } = await ask<Compiling>(ring, `/compile?routes=${routes}`, table)
  const compiling = {
    routes,
    coldTrustedMs: trustedMs[0] ?? Number.NaN,
    trustedMs: median(trustedMs),
    judgedMs: median(judgedMs),
  }
  return { lookUps, compiling }
}

/** Each question goes to a process of its own: what the code met before would shape how it is compiled. */
async function ask<Answer>(ring: Ring, path: string, body?: string): Promise<Answer> {
  const worker = await startWorker(ring, 'matcher')
  try {
    const answer = await fetch(`http://127.0.0.1:${worker.port}${path}`, {
      method: body === undefined ? 'GET' : 'POST',
      ...(body === undefined ? {} : { body }),
    })
    if (!answer.ok) throw new Error(`the bench Worker answered ${answer.status} to ${path}`)
    return (await answer.json()) as Answer
  } finally {
    await worker.stop()
  }
}
