/** The peer on this runtime: hono with its proxy helper at its leanest, with no field added. */
import { Hono } from 'hono'
import { proxy } from 'hono/proxy'

interface Bindings {
  readonly ORIGIN: string
}

const app = new Hono<{ Bindings: Bindings }>()

app.all('/api/v1/users/*', ({ req, env }) => {
  const { pathname, search } = new URL(req.url)
  return proxy(env.ORIGIN + pathname + search, { raw: req.raw })
})

export default app
