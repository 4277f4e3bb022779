/** The peer on this runtime, written by hand: hono, its proxy helper, and a limiter in a Durable Object. */
import { Hono } from 'hono'
import { proxy } from 'hono/proxy'
import { limit } from './hono-limit.ts'
import type { LimiterBindings } from './limiter.ts'

export { Limiter } from './limiter.ts'

interface Bindings extends LimiterBindings {
  readonly ORIGIN: string
}

const app = new Hono<{ Bindings: Bindings }>()

app.all('/api/v1/users/*', limit, ({ req, env }) => {
  const { pathname, search } = new URL(req.url)
  return proxy(env.ORIGIN + pathname + search, { raw: req.raw })
})

export default app
