/** The peer on this runtime, written by hand: hono, a middleware that verifies with jose, and the proxy helper. */
import { Hono } from 'hono'
import { proxy } from 'hono/proxy'
import { type Trust, verifyBearer } from './verify-bearer.ts'

interface Bindings extends Trust {
  readonly ORIGIN: string
}

const app = new Hono<{ Bindings: Bindings }>()

app.use('/api/*', async (context, next) => {
  if (!(await verifyBearer(context.req.header('authorization'), context.env))) {
    return context.json({ error: 'invalid_token' }, 401)
  }
  return next()
})

app.all('/api/v1/users/*', (context) => {
  const { pathname, search } = new URL(context.req.url)
  return proxy(context.env.ORIGIN + pathname + search, {
    raw: context.req.raw,
    headers: { ...context.req.header(), 'X-Forwarded-Host': context.req.header('host') },
  })
})

export default app
