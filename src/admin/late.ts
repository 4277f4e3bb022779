/** The admin surface for an isolate: it is evaluated with the first request to it, which most isolates never get. */
import type { Answer } from '../pipeline/exchange.ts'
import type { AdminCall, AdminParts } from './call.ts'

type Admin = (call: AdminCall) => Promise<Answer>

export function bindLateAdmin(parts: AdminParts): Admin {
  let admin: Admin | null = null
  return async function answer(call) {
    if (admin === null) {
      const { bindAdmin } = await import('./admin.ts')
      // Requests that came together share one: it counts wrong tokens.
      admin ??= bindAdmin(parts)
    }
    return admin(call)
  }
}
