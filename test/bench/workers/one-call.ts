/** A bare Worker with one object call per request: what an exact limit costs without leases. */
import type { LimiterBindings } from './limiter.ts'

export { Limiter } from './limiter.ts'

interface Bindings extends LimiterBindings {
  readonly ORIGIN: string
}

const SHARDS = 256 // As many as the gateway has for keys that anyone can write.

export default {
  async fetch(request, { ORIGIN, LIMITER }) {
    const tenant = request.headers.get('x-tenant')
    const name = tenant === null ? 'all' : `shard-${Number(tenant) % SHARDS}`
    if ((await LIMITER.getByName(name).take(tenant ?? '')) < 0) {
      return new Response(null, { status: 429 })
    }
    return fetch(ORIGIN + request.url.slice(request.url.indexOf('/', 8)), request)
  },
} satisfies ExportedHandler<Bindings>
