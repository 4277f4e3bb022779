/** Documents in Workers KV. */
import type { Documents, Metadata } from '../ports.ts'

// The least that KV takes: a location asks further up for what its copy is older than.
const CACHE_TTL_SECONDS = 30

export function bindDocuments(kv: KVNamespace): Documents {
  return {
    async get(key) {
      const options = { type: 'text', cacheTtl: CACHE_TTL_SECONDS } as const
      const { value, metadata } = await kv.getWithMetadata<Metadata>(key, options)
      return value === null ? null : { text: value, metadata }
    },

    async getIfChanged(key, versions) {
      const { value, metadata } = await openStream(kv, key)
      if (value === null) return { kind: 'absent' }
      const version = metadata?.version
      if (metadata !== null && typeof version === 'string' && versions.includes(version)) {
        // The text itself never crosses into this isolate.
        await value.cancel()
        return { kind: 'unchanged', metadata }
      }
      return { kind: 'read', text: await new Response(value).text(), metadata }
    },

    async metadata(key) {
      const { value, metadata } = await openStream(kv, key)
      await value?.cancel()
      return metadata
    },

    async put(key, text, metadata, { until } = { until: null }) {
      if (until === null) return kv.put(key, text, { metadata })
      // KV takes no end that is nearer than 60 s; half a minute more covers the clocks of two machines.
      const expiration = Math.ceil(Math.max(until, Date.now() + 90_000) / 1_000)
      return kv.put(key, text, { metadata, expiration })
    },

    async list(prefix, { cursor, limit }) {
      const found = await kv.list<Metadata>({ prefix, limit, cursor })
      return {
        entries: found.keys.map(({ name, metadata }) => ({
          key: name,
          metadata: metadata ?? null,
        })),
        cursor: found.list_complete ? null : found.cursor,
      }
    },

    async delete(key) {
      await kv.delete(key)
    },
  }
}

function openStream(kv: KVNamespace, key: string) {
  const options = { type: 'stream', cacheTtl: CACHE_TTL_SECONDS } as const
  return kv.getWithMetadata<Metadata>(key, options)
}
