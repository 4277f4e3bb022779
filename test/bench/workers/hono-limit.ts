/** hono with a limiter of its own making as a middleware: a call of a Durable Object for each request. */
import type { MiddlewareHandler } from 'hono'
import type { LimiterBindings } from './limiter.ts'

export const limit: MiddlewareHandler<{ Bindings: LimiterBindings }> = async (context, next) => {
  const left = await context.env.LIMITER.getByName('all').take('')
  if (left < 0) return context.json({ error: 'rate_limited' }, 429, { 'Retry-After': '1' })
  await next()
  context.header('X-RateLimit-Remaining', String(left))
  return undefined
}
