/** What the slowest requests take while one target of three takes connections and never answers. */
import { createServer, type Server } from 'node:http'
import { guardedUpstream } from './call-cases.ts'
import { type Ring, requestHeaders, requestPath } from './contestants.ts'
import { load, runGateway } from './gateway.ts'
import {
  HANGING_PER_SECOND,
  type Hanging,
  type HangingCase,
  HEDGE_AFTER_MS,
  hangingTitles,
  PER_TRY_MS,
} from './hanging-titles.ts'
import { type Paced, sendPaced } from './paced.ts'
import { quantiles } from './stats.ts'
import { route } from './tables.ts'
import { newFolder } from './worker.ts'

export async function measureHanging(
  ring: Ring,
  { seconds }: { readonly seconds: number },
): Promise<readonly Hanging[]> {
  const silent = await startSilent()
  try {
    const results: Hanging[] = []
    for (const name of Object.keys(hangingTitles) as HangingCase[]) {
      results.push(await measureOne(name, ring, { seconds, silent: silent.url }))
    }
    return results
  } finally {
    await silent.stop()
  }
}

async function measureOne(
  name: HangingCase,
  ring: Ring,
  { seconds, silent }: { readonly seconds: number; readonly silent: string },
): Promise<Hanging> {
  const third = name === 'healthy' ? `${ring.origin}/c` : silent
  const { ejection, ...guarded } = guardedUpstream([`${ring.origin}/a`, `${ring.origin}/b`, third])
  const origin = {
    ...guarded,
    perTryTimeoutMs: PER_TRY_MS,
    hedge: { afterMs: HEDGE_AFTER_MS, max: 1 },
    ...(name === 'budgeted' ? { retry: { ...guarded.retry, budgetPercent: 50 } } : {}),
    ...(name === 'ejected' ? { ejection } : {}),
  }
  const gateway = await runGateway(ring, { stateFolder: newFolder(ring.folder), log: 'json' })
  try {
    await load(gateway, { version: 1, upstreams: { origin }, routes: [route] })
    const answers = await sendPaced({
      urls: gateway.urls,
      path: requestPath,
      perSecond: HANGING_PER_SECOND,
      seconds,
      fields: () => requestHeaders,
    })
    return summarize(name, answers)
  } finally {
    await gateway.stop()
  }
}

function summarize(name: HangingCase, answers: readonly Paced[]): Hanging {
  const [p50Ms, p99Ms, maxMs] = quantiles(
    answers.map(({ sentAt, doneAt }) => doneAt - sentAt),
    [0.5, 0.99, 1],
  ) as [number, number, number]
  const failures = answers.filter(({ status }) => status !== 200).length
  return { name, requests: answers.length, failures, p50Ms, p99Ms, maxMs }
}

/** Takes connections and requests, and says nothing. */
async function startSilent(): Promise<{ readonly url: string; stop(): Promise<void> }> {
  const server: Server = createServer(() => {})
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const address = server.address()
  const port = typeof address === 'object' && address !== null ? address.port : 0
  return {
    url: `http://127.0.0.1:${port}`,
    stop: () =>
      new Promise((resolve) => {
        server.close(() => resolve())
        server.closeAllConnections()
      }),
  }
}
