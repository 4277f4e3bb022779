/**
 * Runs the production bundle on bare workerd for a test, on free ports and with state of its own, and ends
 * all of it after the test file, whether its tests passed or not.
 */
import { createInterface } from 'node:readline'
import type { Readable } from 'node:stream'
import { inject } from 'vitest'
import type { Modules } from '../../serve/config.ts'
import type { KvClient } from '../../serve/kv.ts'
import { startMachine } from '../../serve/machine.ts'
import { routesKey } from '../../src/config/table-keys.ts'
import { versionOf } from '../../src/config/version.ts'
import type { Event } from '../../src/observe/event.ts'
import { atEnd, temporaryFolder, until } from './cleanup.ts'

export { atEnd, temporaryFolder, until } from './cleanup.ts'
export { type Origin, startOrigin } from './origin.ts'

export interface GatewayOptions {
  /** The table, as an object or as text; none leaves KV as it is. */
  readonly routes?: object | string
  /** Variables and secrets. */
  readonly vars?: Readonly<Record<string, string>>
  /** How many gateways, each in its own isolate, share KV and objects. 1 unless given. */
  readonly services?: number
  readonly log?: 'pretty' | 'json' | 'off'
  /** The state of an earlier gateway, to go on with. */
  readonly state?: string
  /** Other modules in the place of ours: a probe, or a store that fails. */
  readonly modules?: Partial<Modules>
  /** Whether to wait until a table serves. True unless given; only sensible with `routes` or `state`. */
  readonly wait?: boolean
}

export interface Gateway {
  /** Of the first service, without a slash at its end. */
  readonly url: string
  readonly urls: readonly string[]
  /** Of workerd itself. */
  readonly pid: number
  readonly state: string
  readonly kv: KvClient
  /** What workerd wrote to stdout, line by line: events with `log: 'json'`. */
  output(): readonly string[]
  /** The first event for which this holds, also one that is yet to come; needs `log: 'json'`. */
  event(holds: (event: Event) => boolean): Promise<Event>
  /** What it wrote to stderr. */
  errors(): readonly string[]
  /** Writes the table to KV, as any tool may, and resolves with its version; it is not yet in force. */
  putTable(routes: object | string): Promise<string>
  /** Resolves once every service serves this version. */
  inForce(version: string): Promise<void>
  stop(): Promise<void>
}

/** Starts a gateway; with a table it resolves when that serves. */
export async function startGateway(options: GatewayOptions = {}): Promise<Gateway> {
  const build = inject('build')
  const state = options.state ?? temporaryFolder()
  const machine = await startMachine({
    build: { ...build, modules: { ...build.modules, ...options.modules } },
    stateFolder: state,
    host: '127.0.0.1',
    ports: Array.from({ length: options.services ?? 1 }, () => 0),
    log: options.log ?? 'json',
    vars: options.vars ?? {},
    output: 'pipe',
  })
  const { workerd, kv, urls } = machine
  // Killed, not stopped: nobody waits for the grace of connections that are still open.
  atEnd(async () => {
    workerd.process.stdin?.end()
    await workerd.ended
  })
  const output = collectLines(workerd.process.stdout!)
  const errors = collectLines(workerd.process.stderr!)
  const gateway: Gateway = {
    url: urls[0]!,
    urls,
    pid: workerd.pid,
    state,
    kv,
    output: () => output,
    event: (holds) => until(() => output.flatMap(eventOf).find(holds)),
    errors: () => errors,
    async putTable(routes) {
      const text = typeof routes === 'string' ? routes : JSON.stringify(routes)
      const version = await versionOf(text)
      await kv.put(routesKey, text, { version })
      return version
    },
    async inForce(version) {
      await Promise.all(
        urls.map((url) =>
          until(async () => (await healthOf(url))?.table?.version === version || undefined),
        ),
      )
    },
    stop: () => workerd.stop(),
  }
  const version = options.routes === undefined ? null : await gateway.putTable(options.routes)
  if (version !== null && (options.wait ?? true)) {
    try {
      await gateway.inForce(version)
    } catch (cause) {
      const health = JSON.stringify(await healthOf(gateway.url))
      throw new Error(`The table did not come into force: ${health}\n${errors.join('\n')}`, {
        cause,
      })
    }
  }
  return gateway
}

export interface Health {
  readonly status: string
  readonly table: { readonly version: string; readonly routes: number } | null
  readonly problems: readonly { readonly pointer: string; readonly code: string }[]
}

/** The public health of a gateway, or null where nothing answers. */
export async function healthOf(url: string): Promise<Health | null> {
  try {
    return (await (await fetch(`${url}/_gateway/health`)).json()) as Health
  } catch {
    return null
  }
}

function collectLines(stream: Readable): string[] {
  const lines: string[] = []
  createInterface({ input: stream }).on('line', (line) => lines.push(line))
  return lines
}

/** The event in a line, or none where the line is another one. */
function eventOf(line: string): readonly Event[] {
  return line.startsWith('{') ? [JSON.parse(line) as Event] : []
}
