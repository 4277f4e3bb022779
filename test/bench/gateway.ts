/** Runs the gateway as `npm start` does: the production bundle, the same services around it, a folder of state. */
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { KvClient } from '../../serve/kv.ts'
import { startMachine } from '../../serve/machine.ts'
import { waitUntilServing } from '../../serve/ready.ts'
import { putTable, readRoutes } from '../../serve/table.ts'
import type { Ring, Started } from './contestants.ts'

export interface Gateway extends Started {
  readonly url: string
  /** Of each service; the first is `url`. */
  readonly urls: readonly string[]
  readonly kv: KvClient
  readonly stateFolder: string
}

export interface GatewayRun {
  readonly stateFolder: string
  readonly log: 'json' | 'off'
  /** Each in an isolate of its own, over one object service; 1 unless given. */
  readonly services?: number
}

/** On whatever table the state holds. Events go to /dev/null. */
export async function runGateway(
  { build }: Pick<Ring, 'build'>,
  { stateFolder, log, services = 1 }: GatewayRun,
): Promise<Gateway> {
  const { urls, kv, workerd } = await startMachine({
    build,
    stateFolder,
    host: '127.0.0.1',
    ports: Array.from({ length: services }, () => 0),
    log,
    vars: {},
    output: 'ignore',
  })
  const url = urls[0] ?? ''
  const port = Number(new URL(url).port)
  return { url, urls, kv, stateFolder, pid: workerd.pid, port, stop: () => workerd.stop() }
}

/** Puts a table in force and waits until it serves. */
export async function load({ stateFolder, kv, urls }: Gateway, table: unknown): Promise<void> {
  const path = join(stateFolder, 'routes.json')
  writeFileSync(path, JSON.stringify(table))
  const reading = await readRoutes(path, {})
  if (reading.kind === 'refused') throw new Error(JSON.stringify(reading.problems.slice(0, 3)))
  await putTable(kv, reading)
  for (const url of urls) {
    const health = await waitUntilServing(url)
    if (health?.status === 'ok') continue
    throw new Error(`the gateway does not serve its table: ${JSON.stringify(health)}`)
  }
}
