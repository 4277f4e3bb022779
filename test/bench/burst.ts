/**
 * A burst of requests for one thing that is stored nowhere, over eight gateways at once: how often the service is asked,
 * what it costs the gateways, and how long it takes.
 */
import http from 'node:http'
import {
  BURST_REQUESTS,
  type Burst,
  type BurstCase,
  burstTitles,
  SERVICE_MS,
} from './burst-titles.ts'
import type { Ring } from './contestants.ts'
import { cpuMicros } from './cpu.ts'
import { originBody } from './documents.ts'
import { type Gateway, load, runGateway } from './gateway.ts'
import { sendPaced } from './paced.ts'
import { median } from './stats.ts'
import { oneRoute } from './tables.ts'
import { newFolder } from './worker.ts'

const SERVICES = 8
// Isolates that have just begun would only measure how long they take to start.
const WARM_UP_PER_SECOND = 80
const WARM_UP_SECONDS = 3

// Each gateway has a port of its own, and host and port are in the key. Without credentials: see cache-cases.ts.
const fields = { Host: 'shop.example.com', Accept: 'application/json', 'User-Agent': 'bench/1' }

const policiesOf: Readonly<Record<BurstCase, readonly object[]>> = {
  uncached: [],
  edge: [{ use: 'cache', store: 'edge' }],
  both: [{ use: 'cache' }],
}

export async function measureBursts(
  ring: Ring,
  { bursts }: { readonly bursts: number },
): Promise<readonly Burst[]> {
  const service = await startCounting()
  try {
    const results: Burst[] = []
    for (const name of Object.keys(burstTitles) as BurstCase[]) {
      results.push(await measureOne(name, { ...ring, origin: service.url }, { bursts, service }))
    }
    return results
  } finally {
    await service.stop()
  }
}

async function measureOne(
  name: BurstCase,
  ring: Ring,
  { bursts, service }: { readonly bursts: number; readonly service: Counting },
): Promise<Burst> {
  const stateFolder = newFolder(ring.folder)
  const gateway = await runGateway(ring, { stateFolder, log: 'json', services: SERVICES })
  const agent = new http.Agent({ keepAlive: true })
  try {
    await load(gateway, oneRoute(ring, policiesOf[name]))
    await sendPaced({
      urls: gateway.urls,
      path: '/api/v1/users/warm',
      perSecond: WARM_UP_PER_SECOND,
      seconds: WARM_UP_SECONDS,
      fields: () => fields,
    })
    // The first opens the connections on which the others come.
    await sendBurst(gateway, `/api/v1/users/${name}`, agent)
    const rounds: Round[] = []
    for (let at = 0; at < bursts; at += 1) {
      const path = `/api/v1/users/${name}-${at}`
      const sent = await sendBurst(gateway, path, agent)
      rounds.push({ ...sent, fetches: service.countOf(path) })
    }
    return {
      name,
      requests: BURST_REQUESTS,
      bursts,
      failures: rounds.reduce((sum, { failures }) => sum + failures, 0),
      mostFetches: Math.max(...rounds.map(({ fetches }) => fetches)),
      cpuMs: median(rounds.map(({ cpuMs }) => cpuMs)),
      elapsedMs: median(rounds.map(({ elapsedMs }) => elapsedMs)),
    }
  } finally {
    agent.destroy()
    await gateway.stop()
  }
}

interface Sent {
  readonly failures: number
  readonly cpuMs: number
  readonly elapsedMs: number
}

type Round = Sent & { readonly fetches: number }

/** All at once, over the gateways in turn. */
async function sendBurst({ urls, pid }: Gateway, path: string, agent: http.Agent): Promise<Sent> {
  const cpuBefore = cpuMicros(pid)
  const startedAt = performance.now()
  const statuses = await Promise.all(
    Array.from({ length: BURST_REQUESTS }, (_, at) =>
      statusOf(`${urls[at % urls.length]}${path}`, agent),
    ),
  )
  return {
    failures: statuses.filter((status) => status !== 200).length,
    cpuMs: (cpuMicros(pid) - cpuBefore) / 1_000,
    elapsedMs: performance.now() - startedAt,
  }
}

/** 0 where the connection breaks. */
function statusOf(url: string, agent: http.Agent): Promise<number> {
  return new Promise((resolve) => {
    const request = http.get(url, { agent, headers: fields }, (response) => {
      response.resume()
      response.on('end', () => resolve(response.statusCode ?? 0))
      response.on('error', () => resolve(0))
    })
    request.on('error', () => resolve(0))
  })
}

interface Counting {
  readonly url: string
  countOf(path: string): number
  stop(): Promise<void>
}

/** Answers what may be kept, late, and counts. */
async function startCounting(): Promise<Counting> {
  const counts = new Map<string, number>()
  const headers = {
    'Content-Type': 'application/json',
    'Content-Length': Buffer.byteLength(originBody),
    'Cache-Control': 'max-age=600',
  }
  const server = http.createServer(({ url = '' }, response) => {
    counts.set(url, (counts.get(url) ?? 0) + 1)
    setTimeout(() => response.writeHead(200, headers).end(originBody), SERVICE_MS)
  })
  server.keepAliveTimeout = 0
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', BURST_REQUESTS, resolve))
  const address = server.address()
  const port = typeof address === 'object' && address !== null ? address.port : 0
  return {
    url: `http://127.0.0.1:${port}`,
    countOf: (path) => counts.get(path) ?? 0,
    stop: () =>
      new Promise((resolve) => {
        server.close(() => resolve())
        server.closeAllConnections()
      }),
  }
}
