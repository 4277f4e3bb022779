// A KV that does as it is told: the value under the key `fault` is `none`, `down` or `hang`.
import { DurableObject } from 'cloudflare:workers'

export class KvStore extends DurableObject {}

const values = new Map()

function faultOf() {
  const entry = values.get('fault')
  return entry === undefined ? 'none' : new TextDecoder().decode(entry.body)
}

export default {
  async fetch(request) {
    const body = request.method === 'PUT' ? await request.arrayBuffer() : null
    const key = decodeURIComponent(new URL(request.url).pathname.slice(1))
    if (key !== 'fault') {
      const fault = faultOf()
      if (fault === 'down') return new Response(null, { status: 500, statusText: 'down' })
      if (fault === 'hang') await new Promise(() => setTimeout(() => {}, 60_000))
    }
    if (request.method === 'PUT') {
      values.set(key, { body, metadata: request.headers.get('CF-KV-Metadata') })
      return new Response(null)
    }
    if (request.method === 'DELETE') {
      values.delete(key)
      return new Response(null)
    }
    const entry = values.get(key)
    if (entry === undefined) return new Response(null, { status: 404 })
    const headers = entry.metadata === null ? {} : { 'CF-KV-Metadata': entry.metadata }
    return new Response(entry.body, { headers })
  },
}
