/** Binds `when.consumer`: whether a policy after identity runs for this caller (ROUTES.md §1). */
import type { CallerSpec } from '../policies/schema.ts'
import type { Identity } from './exchange.ts'

/** Whether the condition holds for a caller; null is an anonymous one. */
export type AsksCaller = (identity: Identity | null) => boolean

export function bindCaller({ anonymous, plans, roles }: CallerSpec): AsksCaller {
  const wantedPlans = plans === undefined ? null : new Set<string | null>(plans)
  const wantedRoles = roles === undefined ? null : new Set(roles)
  return function isMeant(identity) {
    if (anonymous !== undefined && (identity === null) !== anonymous) return false
    if (wantedPlans !== null && !wantedPlans.has(identity?.consumer?.plan ?? null)) return false
    return wantedRoles === null || (identity?.roles ?? []).some((role) => wantedRoles.has(role))
  }
}
