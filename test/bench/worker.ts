/** Runs a Worker of test/bench/workers on bare workerd, alone in its process. */
import { existsSync, mkdtempSync, writeFileSync } from 'node:fs'
import { join, relative } from 'node:path'
import { requireOfWrangler } from '../../serve/build.ts'
import { embed, printCapnp, Raw } from '../../serve/capnp.ts'
import { projectFolder, readWorkerSettings } from '../../serve/project.ts'
import { startWorkerd } from '../../serve/workerd.ts'
import type { Ring, Started } from './contestants.ts'

export type WorkerName =
  | 'bare'
  | 'cached'
  | 'costs'
  | 'hono'
  | 'hono-chain'
  | 'hono-jose'
  | 'hono-limiter'
  | 'join'
  | 'jose'
  | 'matcher'
  | 'one-call'
  | 'promise-all'
  | 'reshape'
  | 'whole-page'

/** Those that ask a limiter, a Durable Object of their own. */
const limited: ReadonlySet<WorkerName> = new Set(['hono-chain', 'hono-limiter', 'one-call'])

export async function runWorker(
  { folder, origin, build }: Pick<Ring, 'folder' | 'origin' | 'build'>,
  worker: WorkerName,
  variables: Readonly<Record<string, string>> = {},
): Promise<Started> {
  const own = newFolder(folder)
  const configPath = join(own, 'workerd.capnp')
  const modulePath = await bundle(folder, worker)
  writeFileSync(
    configPath,
    workerConfig({
      modulePath: relative(own, modulePath),
      variables: { ORIGIN: origin, ...variables },
      isLimited: limited.has(worker),
      cachePath: worker === 'cached' ? relative(own, build.modules.cache) : null,
    }),
  )
  const { pid, ports, stop } = await startWorkerd({
    configPath,
    folder: own,
    sockets: ['http'],
    variables: {},
    output: 'ignore',
  })
  return { pid, port: ports.get('http') ?? 0, stop }
}

/** Once per run: the same bytes for each process. */
async function bundle(folder: string, worker: WorkerName): Promise<string> {
  const outfile = join(folder, `${worker}.js`)
  if (existsSync(outfile)) return outfile
  const esbuild: typeof import('esbuild') = requireOfWrangler('esbuild')
  await esbuild.build({
    entryPoints: [join(projectFolder, 'test/bench/workers', `${worker}.ts`)],
    outfile,
    bundle: true,
    format: 'esm',
    target: 'es2024',
    external: ['cloudflare:*'],
    logLevel: 'error',
  })
  return outfile
}

interface WorkerSetup {
  readonly modulePath: string
  readonly variables: Readonly<Record<string, string>>
  readonly isLimited: boolean
  /** The service behind the Cache API, the same as the gateway's; null where it is not asked. */
  readonly cachePath: string | null
}

/** Its storage is in memory: it writes nothing. */
const limiterObject = {
  durableObjectNamespaces: [
    { className: 'Limiter', uniqueKey: 'bench-limiter', preventEviction: true },
  ],
  durableObjectStorage: { inMemory: new Raw('void') },
}
const limiterBinding = { name: 'LIMITER', durableObjectNamespace: 'Limiter' }

/** With the date, the flags and the network of the gateway: they make a difference. */
function workerConfig({ modulePath, variables, isLimited, cachePath }: WorkerSetup): string {
  const { compatibilityDate, compatibilityFlags } = readWorkerSettings()
  const worker = {
    modules: [{ name: 'worker.js', esModule: embed(modulePath) }],
    compatibilityDate,
    compatibilityFlags,
    globalOutbound: 'internet',
    ...(isLimited ? limiterObject : {}),
    ...(cachePath === null ? {} : { cacheApiOutbound: 'cache' }),
    bindings: [
      ...Object.entries(variables).map(([name, text]) => ({ name, text })),
      ...(isLimited ? [limiterBinding] : []),
    ],
  }
  const cache =
    cachePath === null
      ? null
      : {
          modules: [{ name: 'cache.js', esModule: embed(cachePath) }],
          compatibilityDate,
          compatibilityFlags,
        }
  const network = { allow: ['public', 'private'], tlsOptions: { trustBrowserCas: true } }
  const config = {
    services: [
      { name: 'worker', worker: new Raw('.worker') },
      { name: 'internet', network },
      ...(cachePath === null ? [] : [{ name: 'cache', worker: new Raw('.cache') }]),
    ],
    sockets: [{ name: 'http', address: '127.0.0.1:0', service: 'worker', http: {} }],
  }
  return [
    'using Workerd = import "/workerd/workerd.capnp";',
    `const config :Workerd.Config = ${printCapnp(config)};`,
    `const worker :Workerd.Worker = ${printCapnp(worker)};`,
    ...(cache === null ? [] : [`const cache :Workerd.Worker = ${printCapnp(cache)};`]),
    '',
  ].join('\n')
}

/** A folder for one process: of a short name, since the path of a unix socket has to be short. */
export function newFolder(folder: string): string {
  return mkdtempSync(join(folder, 'p'))
}
