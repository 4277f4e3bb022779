/** One machine: workerd with its configuration in a state folder. What `npm start` and the end-to-end tests both run. */
import { mkdirSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { LogForm } from '../src/observe/line.ts'
import type { Build } from './build.ts'
import { gatewaySocketName, kvSocketName, workerdConfig } from './config.ts'
import { type KvClient, kvClient, socketPathFor } from './kv.ts'
import { readWorkerSettings } from './project.ts'
import { startWorkerd, type Workerd } from './workerd.ts'

export interface MachineOptions {
  readonly build: Build
  /** Absolute; objects and KV stay in it. */
  readonly stateFolder: string
  /** `127.0.0.1` or another address of this machine. */
  readonly host: string
  /** One gateway service per port; 0 is any free one. */
  readonly ports: readonly number[]
  readonly log: LogForm
  /** Variables and secrets of the gateway. */
  readonly vars: Readonly<Record<string, string>>
  readonly output: 'inherit' | 'pipe' | 'ignore'
}

export interface RunningMachine {
  readonly urls: readonly string[]
  readonly kv: KvClient
  readonly workerd: Workerd
}

const KV_SOCKET = 'kv.sock'

/** The private KV socket of a state folder, or null where its path is too long for one. */
export function kvSocketPath(stateFolder: string): string | null {
  return socketPathFor(join(stateFolder, KV_SOCKET))
}

/** Starts workerd on this state and resolves when it listens. */
export async function startMachine(options: MachineOptions): Promise<RunningMachine> {
  const { build, stateFolder, host, ports } = options
  const socketPath = kvSocketPath(stateFolder)
  if (socketPath === null)
    throw new Error(`The path of the state folder is too long: ${stateFolder}`)
  mkdirSync(join(stateFolder, 'objects'), { recursive: true, mode: 0o700 })
  // A unix socket stays on disk when its process ends, and would block the next one.
  rmSync(join(stateFolder, KV_SOCKET), { force: true })

  // A setting of the gateway's own, which no `--var` of a table may be.
  const { ISOGATE_SALT: salt } = process.env
  const values = { ...options.vars, ...(salt ? { ISOGATE_SALT: salt } : {}) }
  const names = Object.keys(values)
  const variableOf = (name: string) => `ISOGATE_BINDING_${name}`
  const configPath = join(stateFolder, 'workerd.capnp')
  const config = workerdConfig({
    settings: readWorkerSettings(),
    configFolder: stateFolder,
    modules: build.modules,
    objectsFolder: 'objects',
    addresses: ports.map((port) => `${authority(host)}:${port}`),
    kvAddress: `unix:${KV_SOCKET}`,
    texts: { ISOGATE_HOST: 'machine', ISOGATE_BUILD: build.hash, ISOGATE_LOG: options.log },
    fromEnvironment: Object.fromEntries(names.map((name) => [name, variableOf(name)])),
  })
  writeFileSync(configPath, config)

  const sockets = ports.map((_, index) => gatewaySocketName(index))
  const workerd = await startWorkerd({
    configPath,
    folder: stateFolder,
    sockets: [...sockets, kvSocketName],
    variables: Object.fromEntries(
      Object.entries(values).map(([name, value]) => [variableOf(name), value]),
    ),
    output: options.output,
  })
  return {
    urls: sockets.map((socket) => `http://${authority(host)}:${workerd.ports.get(socket)}`),
    kv: kvClient(socketPath),
    workerd,
  }
}

/** An IPv6 address stands in brackets before a port (RFC 3986 §3.2.2). */
function authority(host: string): string {
  return host.includes(':') ? `[${host}]` : host
}
