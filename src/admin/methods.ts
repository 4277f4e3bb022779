/** Chooses the handler of a path by method: HEAD is GET without its body, all others are 405 with Allow. */
import { refuse } from '../errors/refusal.ts'
import type { AdminHandler } from './call.ts'

type Method = 'GET' | 'PUT' | 'POST' | 'DELETE'

export function byMethod(handlers: Partial<Record<Method, AdminHandler>>): AdminHandler {
  const methods = Object.keys(handlers)
  const allow = [...methods, ...(handlers.GET ? ['HEAD'] : []), 'OPTIONS'].join(', ')

  return async function byMethod(call, params) {
    const { method } = call
    if (method === 'OPTIONS') return new Response(null, { status: 204, headers: { Allow: allow } })
    const name = method === 'HEAD' ? 'GET' : method
    const handler = Object.hasOwn(handlers, name) ? handlers[name as Method] : undefined
    if (handler === undefined) return refuse('METHOD_NOT_ALLOWED', { headers: { Allow: allow } })
    const answer = await handler(call, params)
    return method === 'HEAD' && answer instanceof Response ? new Response(null, answer) : answer
  }
}
