/**
 * A Worker that does what a test asks through its bindings: `POST /kv { method, args }`, `POST /cache`,
 * and `/assets/…` passed on. It stands in the place of the gateway, on the same configuration.
 */
import { DurableObject } from 'cloudflare:workers'

export class TableObject extends DurableObject {
  /** Counts in memory: shows whether two services share one object. */
  count() {
    this.value = (this.value ?? 0) + 1
    return this.value
  }
}

async function onKv(env, { method, args }) {
  const outcome = await env.KV[method](...args)
  if (outcome instanceof Map) return Object.fromEntries(outcome)
  return outcome ?? null
}

async function onCache({ method, url, name, response, headers }) {
  const cache = name ? await caches.open(name) : caches.default
  const request = new Request(url, { headers: headers ?? {} })
  if (method === 'put') {
    const { body, ...init } = response
    await cache.put(request, new Response(body, init))
    return null
  }
  if (method === 'delete') return await cache.delete(request)
  const found = await cache.match(request)
  if (!found) return null
  const text = await found.text()
  return { status: found.status, headers: Object.fromEntries(found.headers), body: text }
}

export default {
  async fetch(request, env) {
    const { pathname } = new URL(request.url)
    if (pathname.startsWith('/assets/')) {
      return env.ASSETS.fetch(
        new Request(`http://assets${pathname.slice('/assets'.length)}`, request),
      )
    }
    try {
      switch (pathname) {
        case '/kv':
          return Response.json({ value: await onKv(env, await request.json()) })
        case '/cache':
          return Response.json({ value: await onCache(await request.json()) })
        case '/count':
          return Response.json({ value: await env.TABLE.getByName('one').count() })
        default: {
          const texts = Object.entries(env).filter(([, value]) => typeof value === 'string')
          return Response.json({ value: Object.fromEntries(texts) })
        }
      }
    } catch (error) {
      return Response.json({ error: error.message })
    }
  },
}
