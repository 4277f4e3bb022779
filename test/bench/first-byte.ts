/** When the first byte of a stream of parts is there, beside a direct call to the fastest of its services. */
import http from 'node:http'
import { type FirstByte, type Latency, SERVICES_MS } from './aggregate-titles.ts'
import { aggregateOf } from './aggregates.ts'
import { type Ring, requestPath } from './contestants.ts'
import { originBody } from './documents.ts'
import { load, runGateway } from './gateway.ts'
import { quantiles } from './stats.ts'
import { newFolder } from './worker.ts'

// Few enough to leave the machine idle: what is told is how long things take, not how many fit.
const LANES = 4
const WARM_UP = 40

export async function measureFirstByte(
  ring: Ring,
  { requests }: { readonly requests: number },
): Promise<FirstByte> {
  const service = await startDelayed()
  const gateway = await runGateway(ring, { stateFolder: newFolder(ring.folder), log: 'json' })
  const agent = new http.Agent({ keepAlive: true })
  try {
    await load(gateway, tableOf(service.url))
    const streams: Asked[] = []
    const routed: Asked[] = []
    const direct: Asked[] = []
    let left = requests + WARM_UP
    await Promise.all(
      Array.from({ length: LANES }, async () => {
        while (left > 0) {
          left -= 1
          // By turns, so that both meet the same moods of the machine.
          direct.push(await askFor(`${service.url}/${SERVICES_MS[0]}`, agent))
          streams.push(await askFor(`${gateway.url}${requestPath}`, agent))
          routed.push(await askFor(`${gateway.url}/${SERVICES_MS[0]}`, agent))
        }
      }),
    )
    return {
      requests,
      failures: [...streams, ...routed, ...direct].filter(({ status }) => status !== 200).length,
      stream: latencyOf(streams.slice(WARM_UP)),
      routed: latencyOf(routed.slice(WARM_UP)),
      direct: latencyOf(direct.slice(WARM_UP)),
    }
  } finally {
    agent.destroy()
    await gateway.stop()
    await service.stop()
  }
}

/** The fastest is required: it opens the answer. */
const calls = Object.fromEntries(
  SERVICES_MS.map((ms, at) => [
    `after${ms}`,
    { upstream: 'origin', path: `/${ms}`, required: at === 0 },
  ]),
)

function tableOf(origin: string) {
  const { routes, ...table } = aggregateOf({ origin }, { stream: 'ndjson', calls })
  const fastest = { name: 'fastest', match: { path: `/${SERVICES_MS[0]}` }, upstream: 'origin' }
  return { ...table, routes: [...routes, fastest] }
}

interface Asked {
  readonly status: number
  readonly firstByteMs: number
}

/** Reads the answer to its end. */
function askFor(url: string, agent: http.Agent): Promise<Asked> {
  const sentAt = performance.now()
  return new Promise((resolve) => {
    const request = http.get(url, { agent }, (response) => {
      let firstByteMs = Number.NaN
      const end = (status: number) => resolve({ status, firstByteMs })
      response.once('data', () => {
        firstByteMs = performance.now() - sentAt
      })
      response.on('end', () => end(response.statusCode ?? 0))
      response.on('error', () => end(0))
    })
    request.on('error', () => resolve({ status: 0, firstByteMs: Number.NaN }))
  })
}

function latencyOf(asked: readonly Asked[]): Latency {
  const times = asked.filter(({ status }) => status === 200).map(({ firstByteMs }) => firstByteMs)
  const [p50Ms, p99Ms] = quantiles(times, [0.5, 0.99]) as [number, number]
  return { p50Ms, p99Ms }
}

/** Answers `/50` after 50 ms. */
async function startDelayed(): Promise<{ readonly url: string; stop(): Promise<void> }> {
  const headers = {
    'Content-Type': 'application/json',
    'Content-Length': Buffer.byteLength(originBody),
  }
  const server = http.createServer(({ url = '' }, response) => {
    setTimeout(() => response.writeHead(200, headers).end(originBody), Number(url.slice(1)))
  })
  server.keepAliveTimeout = 0
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
