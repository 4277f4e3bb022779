/** What is measured: each contestant in processes of its own, since isolates that share one disturb each other. */
import type { Build } from '../../serve/build.ts'
import { type Cores, pin } from './cpu.ts'
import { load, runGateway } from './gateway.ts'
import { HttpLoad } from './http-load.ts'
import { startNginxProxy } from './nginx.ts'
import { newFolder, runWorker, type WorkerName } from './worker.ts'

export interface Contestant {
  /** Whose CPU counts. */
  readonly pid: number
  readonly port: number
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
export function enter({ cores }: Ring, { pid, port, stop }: Started): Contestant {
  if (cores !== null) pin(pid, cores.contestant)
  const load = new HttpLoad({
    port,
    connections: CONNECTIONS,
    path: requestPath,
    headers: requestHeaders,
  })
  return {
    pid,
    port,
    load,
    async stop() {
      load.close()
      await stop()
    },
  }
}

/** A Worker of test/bench/workers, alone in its process. */
export async function startWorker(ring: Ring, worker: WorkerName): Promise<Contestant> {
  return enter(ring, await runWorker(ring, worker))
}

export interface GatewayOptions {
  /** A table, as an object. */
  readonly table: unknown
  readonly log: 'json' | 'off'
}

/** The production bundle, configured as `npm start` does it; its events go to /dev/null. */
export async function startGateway(
  ring: Ring,
  { table, log }: GatewayOptions,
): Promise<Contestant> {
  const gateway = await runGateway(ring, { stateFolder: newFolder(ring.folder), log })
  await load(gateway, table)
  return enter(ring, gateway)
}

export async function startNginx(ring: Ring): Promise<Contestant> {
  return enter(ring, await startNginxProxy(newFolder(ring.folder), ring.origin))
}
