/** Sources of targets that speak the documented APIs of Consul, Kubernetes and DNS over HTTPS, and the real etcd. */
import { execFileSync, spawn } from 'node:child_process'
import type { ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { createServer } from 'node:net'
import { atEnd, temporaryFolder, until } from './cleanup.ts'
import { type Origin, startOrigin } from './origin.ts'

export interface Instance {
  readonly address: string
  readonly port: number
  readonly passing?: boolean
  readonly weight?: number
}

function instanceOf(url: string): Instance {
  const { hostname, port } = new URL(url)
  return { address: hostname, port: Number(port) }
}

/** Consul's `GET /v1/health/service/:service` with blocking queries: an index, `index=` and `wait=`. */
export async function startConsul(urls: readonly string[]) {
  let instances = urls.map(instanceOf)
  let index = 10
  const waiting = new Set<() => void>()
  const origin = await startOrigin(async (request, response) => {
    const { pathname, searchParams } = new URL(request.url ?? '', 'http://consul')
    if (pathname !== '/v1/health/service/users') {
      response.writeHead(404).end()
      return
    }
    if (Number(searchParams.get('index') ?? 0) === index) {
      const seconds = Number.parseInt(searchParams.get('wait') ?? '300', 10)
      await new Promise<void>((resolve) => {
        const timer = setTimeout(resolve, 1000 * seconds)
        waiting.add(() => {
          clearTimeout(timer)
          resolve()
        })
      })
    }
    const listed = instances.filter(
      ({ passing = true }) => passing || searchParams.get('passing') === null,
    )
    response.setHeader('X-Consul-Index', String(index))
    response.setHeader('Content-Type', 'application/json')
    response.end(
      JSON.stringify(
        listed.map(({ address, port, weight = 1 }) => ({
          Node: { Node: 'node-1', Address: '192.0.2.1' },
          Service: {
            Service: 'users',
            Address: address,
            Port: port,
            Weights: { Passing: weight, Warning: 1 },
          },
          Checks: [],
        })),
      ),
    )
  })
  return {
    ...origin,
    set(next: readonly Instance[]) {
      instances = [...next]
      index += 1
      for (const wake of waiting) wake()
      waiting.clear()
    },
  }
}

/** EndpointSlices of Kubernetes: a list with `resourceVersion`, and a watch of lines. */
export async function startKubernetes(urls: readonly string[], token: string) {
  let endpoints: object[] = urls.map((url) => endpointOf(url))
  let version = 100
  const watchers = new Set<ServerResponse>()
  const slice = () => ({
    metadata: { name: 'users-abc', labels: { 'kubernetes.io/service-name': 'users' } },
    addressType: 'IPv4',
    ports: [
      { name: 'http', port: Number(new URL(urls[0] ?? 'http://a:80').port), protocol: 'TCP' },
    ],
    endpoints,
  })
  const origin = await startOrigin((request, response) => {
    const { pathname, searchParams } = new URL(request.url ?? '', 'http://kubernetes')
    if (request.headers.authorization !== `Bearer ${token}`) {
      response.writeHead(401).end()
      return
    }
    const isKnown =
      pathname === '/apis/discovery.k8s.io/v1/namespaces/shop/endpointslices' &&
      searchParams.get('labelSelector') === 'kubernetes.io/service-name=users'
    if (!isKnown) {
      response.writeHead(404).end()
      return
    }
    response.setHeader('Content-Type', 'application/json')
    if (searchParams.get('watch') === 'true') {
      response.flushHeaders()
      watchers.add(response)
      response.on('close', () => watchers.delete(response))
      return
    }
    const metadata = { resourceVersion: String(version) }
    response.end(JSON.stringify({ kind: 'EndpointSliceList', metadata, items: [slice()] }))
  })
  return {
    ...origin,
    watchers,
    set(next: readonly object[]) {
      endpoints = [...next]
      version += 1
      const line = JSON.stringify({ type: 'MODIFIED', object: slice() })
      for (const watcher of watchers) watcher.write(`${line}\n`)
    },
  }
}

export function endpointOf(url: string, conditions: object = { ready: true }): object {
  return { addresses: [new URL(url).hostname], conditions }
}

export interface Srv {
  readonly host: string
  readonly port: number
  readonly priority?: number
  readonly weight?: number
}

/** A resolver over HTTP (RFC 8484, GET) that knows one zone. */
export async function startResolver(
  records: { srv?: Record<string, Srv[]>; a?: Record<string, string[]> },
  ttl = 5,
) {
  const zone = { srv: records.srv ?? {}, a: records.a ?? {} }
  const origin: Origin = await startOrigin((request, response) => {
    const dns = new URL(request.url ?? '', 'http://resolver').searchParams.get('dns') ?? ''
    const query = Buffer.from(dns, 'base64url')
    const labels: string[] = []
    let at = 12
    for (let length = query[at] ?? 0; length > 0; length = query[at] ?? 0) {
      labels.push(query.toString('latin1', at + 1, at + 1 + length))
      at += 1 + length
    }
    const name = labels.join('.')
    const type = query.readUInt16BE(at + 1)
    const question = query.subarray(12, at + 5)
    const data =
      type === 33
        ? (zone.srv[name] ?? []).map(srvData)
        : (zone.a[name] ?? []).map((address) => Buffer.from(address.split('.').map(Number)))
    const isKnown = Object.hasOwn(zone.srv, name) || Object.hasOwn(zone.a, name)
    const head = Buffer.alloc(12)
    head.writeUInt16BE(0x8180 | (isKnown ? 0 : 3), 2)
    head.writeUInt16BE(1, 4)
    head.writeUInt16BE(data.length, 6)
    const answers = data.map((bytes) => {
      const fixed = Buffer.alloc(12)
      // The owner is the name of the question, as a pointer.
      fixed.writeUInt16BE(0xc00c, 0)
      fixed.writeUInt16BE(type, 2)
      fixed.writeUInt16BE(1, 4)
      fixed.writeUInt32BE(ttl, 6)
      fixed.writeUInt16BE(bytes.length, 10)
      return Buffer.concat([fixed, bytes])
    })
    response.setHeader('Content-Type', 'application/dns-message')
    response.end(Buffer.concat([head, question, ...answers]))
  })
  return { ...origin, zone }
}

function srvData({ host, port, priority = 0, weight = 1 }: Srv): Buffer {
  const fixed = Buffer.alloc(6)
  fixed.writeUInt16BE(priority, 0)
  fixed.writeUInt16BE(weight, 2)
  fixed.writeUInt16BE(port, 4)
  const labels = host.split('.').map((label) => Buffer.from([label.length, ...Buffer.from(label)]))
  return Buffer.concat([fixed, ...labels, Buffer.from([0])])
}

/** The server of Debian's package; null where this machine has none. */
export function findEtcd(): string | null {
  try {
    execFileSync('etcd', ['--version'], { stdio: 'ignore' })
    return 'etcd'
  } catch {
    return null
  }
}

export async function startEtcd() {
  const [client, peer] = [await freePort(), await freePort()]
  const url = `http://127.0.0.1:${client}`
  const peers = `http://127.0.0.1:${peer}`
  const child = spawn(
    'etcd',
    [
      ['--data-dir', temporaryFolder()],
      ['--listen-client-urls', url, '--advertise-client-urls', url],
      ['--listen-peer-urls', peers, '--initial-advertise-peer-urls', peers],
      ['--initial-cluster', `default=${peers}`],
    ].flat(),
    // It runs on every processor that its package was built for.
    { stdio: 'ignore', env: { ...process.env, ETCD_UNSUPPORTED_ARCH: process.arch } },
  )
  let isGone = false
  child.on('exit', () => {
    isGone = true
  })
  const stop = async () => {
    child.kill('SIGKILL')
    await until(() => isGone || undefined)
  }
  atEnd(stop)
  const base64 = (text: string) => Buffer.from(text).toString('base64')
  async function post(path: string, body: object): Promise<void> {
    const response = await fetch(url + path, { method: 'POST', body: JSON.stringify(body) })
    if (!response.ok) throw new Error(`etcd answered ${response.status}`)
  }
  await until(async () => {
    try {
      return (await fetch(`${url}/health`)).ok || undefined
    } catch {
      return undefined
    }
  })
  return {
    url,
    put: (key: string, value: string) =>
      post('/v3/kv/put', { key: base64(key), value: base64(value) }),
    remove: (key: string) => post('/v3/kv/deleterange', { key: base64(key) }),
    stop,
  }
}

function freePort(): Promise<number> {
  return new Promise((resolve) => {
    const server = createServer().listen(0, '127.0.0.1', () => {
      const { port } = server.address() as AddressInfo
      server.close(() => resolve(port))
    })
  })
}
