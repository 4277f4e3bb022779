/** The peer on this runtime: hono with its proxy helper, as its documentation shows it. */
import { Hono } from 'hono'
import { proxy } from 'hono/proxy'

interface Bindings {
  readonly ORIGIN: string
}

const app = new Hono<{ Bindings: Bindings }>()

app.all('/api/v1/users/*', (context) => {
  const { pathname, search } = new URL(context.req.url)
  return proxy(context.env.ORIGIN + pathname + search, {
    raw: context.req.raw,
    headers: { ...context.req.header(), 'X-Forwarded-Host': context.req.header('host') },
  })
})

export default app
