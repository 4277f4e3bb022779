/** Binds a condition on a claim, which may be a list: one member that fits is enough, and `not` means none. Pure. */
import type { BodyCondition } from '../match/schema.ts'
import { bindCondition, type ValuePredicate } from '../match/value-condition.ts'

export function bindClaimCondition(condition: BodyCondition): ValuePredicate {
  if (isList(condition)) {
    const tests = condition.map(bindClaimCondition)
    return (claim) => tests.some((test) => test(claim))
  }
  if (typeof condition === 'object' && condition !== null) {
    if ('present' in condition) return bindCondition(condition)
    if ('not' in condition) {
      const denied = bindClaimCondition(condition.not)
      return (claim) => !denied(claim)
    }
  }
  const holds = bindCondition(condition)
  return (claim) => (Array.isArray(claim) ? claim.some(holds) : holds(claim))
}

function isList(condition: BodyCondition): condition is Extract<BodyCondition, readonly unknown[]> {
  return Array.isArray(condition)
}
