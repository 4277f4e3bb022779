/** Decides among alternatives which of them speaks for the request. Pure. */
import type { Authentication } from '../../pipeline/policy.ts'

/** Whether this one decides, whatever the others would say: its credential is there, good or bad. */
export function decides(found: Authentication): boolean {
  return found.kind !== 'absent' && !isForeign(found)
}

/**
 * Whether the credential is there and says that another authority made it. Those who take the same kind of
 * credential are asked on; if none of them knows it, it is a bad one.
 */
export function isForeign(found: Authentication): boolean {
  return found.kind === 'refused' && found.foreign === true
}

/** One challenge each, as one list (RFC 9110 §11.6.1); the same challenge twice says no more than once. */
export function joinChallenges(challenges: readonly string[]): string {
  return [...new Set(challenges.filter((challenge) => challenge !== ''))].join(', ')
}
