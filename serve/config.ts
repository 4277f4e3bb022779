/**
 * Describes one machine to workerd: what Cloudflare gives a Worker by itself (KV, Cache API, assets, objects on
 * disk, a network) is named here as services. Pure: plain data in, the text of the configuration out.
 */
import { relative } from 'node:path'
import { type CapnpValue, embed, printCapnp, Raw } from './capnp.ts'
import type { WorkerSettings } from './project.ts'

export interface Machine {
  readonly settings: WorkerSettings
  /** Where the configuration file lies; the paths of the modules are made relative to it. */
  readonly configFolder: string
  readonly modules: Modules
  /** Objects and KV live below it, relative to the folder in which workerd runs. */
  readonly objectsFolder: string
  /** One address per gateway service, as `127.0.0.1:8787`; port 0 is any free one. */
  readonly addresses: readonly string[]
  /** The private way to KV, for the launcher alone: `unix:<path>`. */
  readonly kvAddress: string
  /** Text bindings that are no secret. */
  readonly texts: Readonly<Record<string, string>>
  /** Bindings whose values come from workerd's environment, so that no file holds them: binding → variable. */
  readonly fromEnvironment: Readonly<Record<string, string>>
}

/** Absolute paths of the built modules. */
export interface Modules {
  readonly worker: string
  readonly kv: string
  readonly cache: string
  readonly assets: string
}

/** The services and sockets, named so that the launcher and the tests can speak of them. */
export const kvSocketName = 'kv'
export function gatewaySocketName(index: number): string {
  return `gateway-${index}`
}

/** The text of the configuration file. */
export function workerdConfig(machine: Machine): string {
  const workers = workersOf(machine)
  const config = {
    services: [
      ...Object.keys(workers).map((name) => ({ name, worker: new Raw(`.${constantName(name)}`) })),
      { name: 'objects-disk', disk: { path: machine.objectsFolder, writable: true } },
      ...(machine.settings.assets
        ? [{ name: 'assets-disk', disk: { path: machine.settings.assets.folder } }]
        : []),
      {
        name: 'internet',
        // Beside public addresses also private ones: on one's own machine the services are local.
        network: { allow: ['public', 'private'], tlsOptions: { trustBrowserCas: true } },
      },
    ],
    sockets: [
      ...machine.addresses.map((address, index) => ({
        name: gatewaySocketName(index),
        address,
        service: gatewayName(index),
        http: {},
      })),
      { name: kvSocketName, address: machine.kvAddress, service: kvService, http: {} },
    ],
  }
  return [
    'using Workerd = import "/workerd/workerd.capnp";',
    `const config :Workerd.Config = ${printCapnp(config)};`,
    ...Object.entries(workers).map(
      ([name, worker]) => `const ${constantName(name)} :Workerd.Worker = ${printCapnp(worker)};`,
    ),
    '',
  ].join('\n')
}

const kvService = { name: 'kv', props: { json: '{"namespace":"main"}' } }

function gatewayName(index: number): string {
  return `gateway-${index}`
}

function constantName(service: string): string {
  return service.replaceAll(/-(.)/g, (_, letter: string) => letter.toUpperCase())
}

function workersOf(machine: Machine): Record<string, CapnpValue> {
  const { settings } = machine
  const path = (module: string) => embed(relative(machine.configFolder, module))
  const worker = (file: string, module: string, more: Record<string, CapnpValue>) => ({
    modules: [{ name: file, esModule: path(module) }],
    compatibilityDate: settings.compatibilityDate,
    compatibilityFlags: settings.compatibilityFlags,
    ...more,
  })

  // A fleet shares one owner of the objects, as on Cloudflare; a single gateway is its own.
  const fleet = machine.addresses.length > 1
  const ownObjects = {
    durableObjectNamespaces: settings.objects.map(({ className }) => objectNamespace(className)),
    durableObjectStorage: { localDisk: 'objects-disk' },
  }
  const gateway = (owner: string | null) =>
    worker('worker.js', machine.modules.worker, {
      ...(owner === null && settings.objects.length > 0 ? ownObjects : {}),
      globalOutbound: 'internet',
      cacheApiOutbound: 'cache',
      bindings: bindingsOf(machine, owner),
    })

  const workers: Record<string, CapnpValue> = {}
  for (const index of machine.addresses.keys()) {
    workers[gatewayName(index)] = gateway(fleet ? 'objects' : null)
  }
  if (fleet) workers.objects = gateway(null)
  workers.kv = worker('kv.js', machine.modules.kv, {
    durableObjectNamespaces: [objectNamespace('KvStore')],
    durableObjectStorage: { localDisk: 'objects-disk' },
    bindings: [{ name: 'STORE', durableObjectNamespace: 'KvStore' }],
  })
  workers.cache = worker('cache.js', machine.modules.cache, {})
  if (settings.assets) {
    workers.assets = worker('assets.js', machine.modules.assets, {
      bindings: [{ name: 'DISK', service: 'assets-disk' }],
    })
  }
  return workers
}

function objectNamespace(className: string): CapnpValue {
  return {
    className,
    // Names the folder on disk: with another key the objects would begin anew.
    uniqueKey: `isogate-${className}`,
    enableSql: true,
    // Without it what an object holds in memory is gone after ten idle seconds; one machine has room for it.
    preventEviction: true,
  }
}

function bindingsOf(machine: Machine, owner: string | null): readonly CapnpValue[] {
  const { settings } = machine
  return [
    ...settings.kvBindings.map((name) => ({ name, kvNamespace: kvService })),
    ...settings.objects.map(({ binding, className }) => ({
      name: binding,
      durableObjectNamespace: owner ? { className, serviceName: owner } : className,
    })),
    ...(settings.assets ? [{ name: settings.assets.binding, service: 'assets' }] : []),
    ...Object.entries({ ...settings.vars, ...machine.texts })
      .filter(([name]) => !Object.hasOwn(machine.fromEnvironment, name))
      .map(([name, text]) => ({ name, text })),
    ...Object.entries(machine.fromEnvironment).map(([name, variable]) => ({
      name,
      fromEnvironment: variable,
    })),
  ]
}
