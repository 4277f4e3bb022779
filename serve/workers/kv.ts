/**
 * Workers KV on one machine: the HTTP protocol that workerd's `kvNamespace` binding speaks, in front of one
 * SQLite object per namespace. Limits and refusals are those of Cloudflare, so that a gateway which works
 * here works there.
 */
import { WorkerEntrypoint } from 'cloudflare:workers'
import { bulkGet } from './kv-bulk.ts'
import {
  type Refused,
  refused,
  vetCacheTtl,
  vetExpiration,
  vetKey,
  vetLimit,
  vetMetadata,
  vetValue,
} from './kv-limits.ts'
import type { Entry, KvStore } from './kv-store.ts'
import { Memo } from './memo.ts'

export { KvStore } from './kv-store.ts'

export interface KvEnv {
  readonly STORE: DurableObjectNamespace<KvStore>
}

const METADATA_HEADER = 'CF-KV-Metadata'

// One process runs one isolate of this Worker, so what is remembered here cannot be stale.
const memo = new Memo<Entry | null>(64 * 1024 * 1024) // Beside a 25 MiB value the working set still fits.

export default class Kv extends WorkerEntrypoint<KvEnv, { readonly namespace?: string }> {
  override async fetch(request: Request): Promise<Response> {
    // The binding writes the whole body before it looks at the answer: an answer that comes earlier
    // leaves the caller hanging for ever, so the body is read first, whatever the answer will be.
    const hasBody = request.method === 'PUT' || request.method === 'POST'
    const body = hasBody ? await request.arrayBuffer() : new ArrayBuffer(0)

    const url = new URL(request.url)
    const outcome = await this.#answer(request, url, body)
    if (outcome instanceof Response) return outcome
    return new Response(null, { status: outcome.status, statusText: outcome.reason })
  }

  #answer(request: Request, url: URL, body: ArrayBuffer): Promise<Response | Refused> {
    const key = decodeURIComponent(url.pathname.slice(1))
    switch (request.method) {
      case 'GET':
        return key === '' ? this.#list(url.searchParams) : this.#get(key, url.searchParams)
      case 'PUT':
        return this.#put(key, request.headers.get(METADATA_HEADER), url.searchParams, body)
      case 'DELETE':
        return this.#delete(key)
      case 'POST':
        if (key === 'bulk/get') return bulkGet(body, (keys) => this.#read(keys))
        return Promise.resolve(refused(404, 'Not Found'))
      default:
        return Promise.resolve(refused(405, 'Method Not Allowed'))
    }
  }

  get #namespace(): string {
    return this.ctx.props?.namespace ?? 'main'
  }

  get #store(): DurableObjectStub<KvStore> {
    return this.env.STORE.getByName(this.#namespace)
  }

  #memoKey(key: string): string {
    return `${this.#namespace}\0${key}`
  }

  /** The live entries of these keys, null where there is none. */
  async #read(keys: readonly string[]): Promise<(Entry | null)[]> {
    const found = keys.map((key) => memo.get(this.#memoKey(key)))
    const unknown = keys.filter((_, index) => found[index] === undefined)
    if (unknown.length > 0) {
      const writesBefore = memo.writes
      const stored: (Entry | null)[] = await this.#store.read(unknown)
      // A write that ran meanwhile may be newer than what was read: then remember nothing.
      const settled = memo.writes === writesBefore
      const byKey = new Map(unknown.map((key, index) => [key, stored[index] ?? null]))
      for (const [index, key] of keys.entries()) {
        if (found[index] !== undefined) continue
        const entry = byKey.get(key) ?? null
        found[index] = entry
        if (settled) memo.set(this.#memoKey(key), entry, sizeOf(key, entry))
      }
    }
    const nowSeconds = Date.now() / 1000
    return found.map((entry) =>
      entry && (entry.expires === null || entry.expires > nowSeconds) ? entry : null,
    )
  }

  async #get(key: string, query: URLSearchParams): Promise<Response | Refused> {
    const bad = vetKey(key) ?? vetCacheTtl(query.get('cache_ttl'))
    if (bad) return bad
    const [entry] = await this.#read([key])
    if (!entry) return refused(404, 'Not Found')
    const headers = new Headers()
    if (entry.metadata !== null) headers.set(METADATA_HEADER, entry.metadata)
    if (entry.expires !== null) headers.set('CF-Expiration', String(entry.expires))
    return new Response(entry.value, { headers })
  }

  async #put(
    key: string,
    metadata: string | null,
    query: URLSearchParams,
    value: ArrayBuffer,
  ): Promise<Response | Refused> {
    const bad = vetKey(key) ?? vetMetadata(metadata) ?? vetValue(value.byteLength)
    if (bad) return bad
    const expiration = vetExpiration(query, Math.floor(Date.now() / 1000))
    if (expiration.kind === 'refused') return expiration
    const entry: Entry = { value: new Uint8Array(value), metadata, expires: expiration.expires }
    memo.forget(this.#memoKey(key))
    await this.#store.write(key, entry)
    // Forgotten once more, not remembered: of two writes at once only the store knows which came last.
    memo.forget(this.#memoKey(key))
    return new Response(null)
  }

  async #delete(key: string): Promise<Response | Refused> {
    const bad = vetKey(key)
    if (bad) return bad
    memo.forget(this.#memoKey(key))
    await this.#store.remove(key)
    memo.forget(this.#memoKey(key))
    return new Response(null)
  }

  async #list(query: URLSearchParams): Promise<Response | Refused> {
    const limit = vetLimit(query.get('key_count_limit'))
    if (limit.kind === 'refused') return limit
    const cursor = query.get('cursor')
    const page = await this.#store.list({
      prefix: query.get('prefix') ?? '',
      after: cursor ? decodeURIComponent(atob(cursor)) : '',
      limit: limit.count,
      nowSeconds: Math.floor(Date.now() / 1000),
    })
    const last = page.keys.at(-1)
    return Response.json({
      keys: page.keys.map(({ name, expires, metadata }) => ({
        name,
        ...(expires === null ? {} : { expiration: expires }),
        ...(metadata === null ? {} : { metadata }),
      })),
      list_complete: page.complete,
      ...(page.complete || !last ? {} : { cursor: btoa(encodeURIComponent(last.name)) }),
    })
  }
}

/** Bytes that an entry holds in memory; 200 stands for its objects. */
function sizeOf(key: string, entry: Entry | null): number {
  return 200 + key.length * 2 + (entry ? entry.value.byteLength + (entry.metadata?.length ?? 0) : 0)
}
