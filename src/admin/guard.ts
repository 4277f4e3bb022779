/** Who may see the hidden part of the admin surface (ROUTES.md §8). */
import { type Refusal, refuse } from '../errors/refusal.ts'
import type { AdminCall, AdminHandler } from './call.ts'
import type { AdminConfig } from './config.ts'
import { TokenThrottle } from './throttle.ts'
import { bearerOf, isAdminToken } from './token.ts'

type Caller =
  /** Nothing is hidden here that could be shown: no token is set, or not on this host. */
  | { readonly kind: 'nowhere' }
  | { readonly kind: 'anonymous' }
  | { readonly kind: 'operator' }
  | Refusal

export interface Guard {
  /** Answers with the handler for the operator, with a refusal for all others. */
  hide(handler: AdminHandler): AdminHandler
  /** Two answers of one path. A wrong token is refused here too, or it could be guessed here. */
  choose(forOperator: AdminHandler, forAll: AdminHandler): AdminHandler
}

export function bindGuard(config: AdminConfig): Guard {
  const throttle = new TokenThrottle()

  async function identify({ received, client, target, ports }: AdminCall): Promise<Caller> {
    if (config.token === null) return { kind: 'nowhere' }
    if (config.hosts !== null && !config.hosts.has(target.host)) return { kind: 'nowhere' }
    const token = bearerOf(received.authorization)
    if (token === null) return { kind: 'anonymous' }
    const wait = () => throttle.waitSeconds(client.address, ports.clock.now())
    if (wait() !== null) return throttled(wait() ?? 1)
    const isRight = await isAdminToken(token, config)
    // Asked again: others may have been counted while this one was compared.
    const seconds = wait()
    if (seconds !== null) return throttled(seconds)
    if (isRight) return { kind: 'operator' }
    throttle.count(client.address, ports.clock.now())
    return unauthorized('Bearer realm="isogate", error="invalid_token"')
  }

  return {
    hide(handler) {
      return async function hidden(call, params) {
        const caller = await identify(call)
        switch (caller.kind) {
          case 'nowhere':
            return refuse('ADMIN_NOT_FOUND')
          case 'anonymous':
            return unauthorized('Bearer realm="isogate"')
          case 'refused':
            return caller
          case 'operator':
            return handler(call, params)
        }
      }
    },
    choose(forOperator, forAll) {
      return async function chosen(call, params) {
        const caller = await identify(call)
        switch (caller.kind) {
          case 'nowhere':
          case 'anonymous':
            return forAll(call, params)
          case 'refused':
            return caller
          case 'operator':
            return forOperator(call, params)
        }
      }
    },
  }
}

function unauthorized(challenge: string): Refusal {
  return refuse('ADMIN_TOKEN_INVALID', { headers: { 'WWW-Authenticate': challenge } })
}

function throttled(seconds: number): Refusal {
  return refuse('ADMIN_TOKEN_THROTTLED', { headers: { 'Retry-After': String(seconds) } })
}
