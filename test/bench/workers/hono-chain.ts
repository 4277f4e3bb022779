/** The whole chain by hand: hono with 1,000 routes, a token verified with jose, a limiter, fields both ways. */
import { Hono } from 'hono'
import { proxy } from 'hono/proxy'
import { limit } from './hono-limit.ts'
import type { LimiterBindings } from './limiter.ts'
import { type Trust, verifyBearer } from './verify-bearer.ts'

export { Limiter } from './limiter.ts'

interface Bindings extends LimiterBindings, Trust {
  readonly ORIGIN: string
}

const app = new Hono<{ Bindings: Bindings }>()

/** The others of the gateway's table, in hono's spelling. */
const OTHERS = 999
const forms = ['', '/:id', '/:id/items/:item', '/files/*']
for (let index = 0; index < OTHERS; index += 1) {
  const path = `/api/v1/service-${Math.floor(index / 4)}${forms[index % 4]}`
  app.all(path, ({ req, env }) => proxy(env.ORIGIN + new URL(req.url).pathname, { raw: req.raw }))
}

app.use('/api/v1/users/*', async (context, next) => {
  if (!(await verifyBearer(context.req.header('authorization'), context.env))) {
    return context.json({ error: 'invalid_token' }, 401)
  }
  return next()
})

app.get('/api/v1/users/*', limit, async (context) => {
  const { pathname, search } = new URL(context.req.url)
  const answer = await proxy(context.env.ORIGIN + pathname + search, {
    raw: context.req.raw,
    headers: { ...context.req.header(), 'X-Tier': 'standard' },
  })
  answer.headers.set('X-Served-By', 'hono')
  return answer
})

export default app
