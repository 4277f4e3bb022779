/** What is measured: each contestant in processes of its own, since isolates that share one disturb each other. */
import type { Build } from '../../serve/build.ts'
import { type Cores, pin } from './cpu.ts'
import { load, runGateway } from './gateway.ts'
import { HttpLoad, type RequestFields } from './http-load.ts'
import { startNginxCache, startNginxProxy } from './nginx.ts'
import { newFolder, runWorker, type WorkerName } from './worker.ts'

export interface Contestant {
  /** Whose CPU counts. */
  readonly pid: number
  readonly port: number
  /** Of its first request: for tools that always send the same one. */
  readonly fields: RequestFields
  readonly load: HttpLoad
  stop(): Promise<void>
}

/** What all contestants of a run have in common. */
export interface Ring {
  /** Removed at the end. */
  readonly folder: string
  /** URL of the origin, without a slash at the end. */
  readonly origin: string
  readonly cores: Cores | null
  readonly build: Build
  /** The requests of this case in turn; `requestHeaders` unless given. */
  readonly requests?: readonly RequestFields[]
  /** The status that each answer is to have; 200 unless given. */
  readonly status?: number
  /** How many are open at a time; as many as wrk's usual case unless given. */
  readonly connections?: number
}

// As many as wrk's usual case; more only makes the queue longer.
const CONNECTIONS = 32

/** The same request for all: six fields beside Host, and an Origin, which cors looks at. */
export const requestHeaders = {
  'User-Agent': 'bench/1',
  Accept: 'application/json',
  'Accept-Language': 'en-US,en;q=0.9',
  'Accept-Encoding': 'gzip',
  Authorization: 'Bearer 5f2b1c9e7d3a4f60',
  Origin: 'https://app.example.com',
}

export const requestPath = '/api/v1/users/42?fields=name'

/** A process that serves. */
export interface Started {
  readonly pid: number
  readonly port: number
  stop(): Promise<void>
}

/** Puts it on its core, and a load before it. */
export function enter(
  { cores, requests = [requestHeaders], status = 200, connections = CONNECTIONS }: Ring,
  { pid, port, stop }: Started,
): Contestant {
  if (cores !== null) pin(pid, cores.contestant)
  const load = new HttpLoad({
    port,
    connections,
    path: requestPath,
    requests,
    status,
  })
  return {
    pid,
    port,
    fields: requests[0] ?? requestHeaders,
    load,
    async stop() {
      load.close()
      await stop()
    },
  }
}

/** A Worker of test/bench/workers, alone in its process. */
export async function startWorker(
  ring: Ring,
  worker: WorkerName,
  variables: Readonly<Record<string, string>> = {},
): Promise<Contestant> {
  return enter(ring, await runWorker(ring, worker, variables))
}

export interface GatewayOptions {
  /** A table, as an object. */
  readonly table: unknown
  readonly log: 'json' | 'off'
  /** What else is to stand in KV, by key. */
  readonly documents?: Readonly<Record<string, string>>
}

/** The production bundle, configured as `npm start` does it; its events go to /dev/null. */
export async function startGateway(
  ring: Ring,
  { table, log, documents = {} }: GatewayOptions,
): Promise<Contestant> {
  const gateway = await runGateway(ring, { stateFolder: newFolder(ring.folder), log })
  for (const [key, text] of Object.entries(documents)) await gateway.kv.put(key, text)
  await load(gateway, table)
  return enter(ring, gateway)
}

export async function startNginx(ring: Ring): Promise<Contestant> {
  return enter(ring, await startNginxProxy(newFolder(ring.folder), ring.origin))
}

/** The same, with what it fetched in its cache. */
export async function startCachingNginx(ring: Ring): Promise<Contestant> {
  return enter(ring, await startNginxCache(newFolder(ring.folder), ring.origin))
}
