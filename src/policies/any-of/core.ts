/** Decides among alternatives which of them speaks for the request. Pure. */
import type { Authentication } from '../../pipeline/policy.ts'

/** Whether this one decides, whatever the others would say: its credential is there, good or bad. */
export function decides(found: Authentication): boolean {
  return found.kind !== 'absent'
}

/** One challenge each, as one list (RFC 9110 §11.6.1); the same challenge twice says no more than once. */
export function joinChallenges(challenges: readonly string[]): string {
  return [...new Set(challenges.filter((challenge) => challenge !== ''))].join(', ')
}
