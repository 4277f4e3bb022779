/** The body of an aggregate that words none: `{ "<call>": <its body>, … }` in the order of the table. Pure. */
import { isObject } from '../../../formats/json-object.ts'
import type { Part } from '../part.ts'
import type { AggregatePlan } from '../plan/plan.ts'
import { fallbacksOf, partText } from './part-text.ts'
import type { ErrorEntry } from './problem.ts'

export type WholeBody = (parts: readonly Part[], errors: readonly ErrorEntry[]) => string

export function bindWholeBody(plan: AggregatePlan): WholeBody {
  const fallbacks = fallbacksOf(plan)
  const heads = plan.calls.map(({ name }, at) => `${at === 0 ? '{' : ','}"${name}":`)
  return function wholeBody(parts, errors) {
    let text = ''
    for (let at = 0; at < heads.length; at += 1) {
      text += heads[at]
      text += partText(parts[at] as Part, fallbacks[at] as string)
    }
    // No call has this name.
    return errors.length === 0 ? `${text}}` : `${text},"errors":${JSON.stringify(errors)}}`
  }
}

/** A body that an expression gave, with what failed beside it. */
export function withErrors(value: unknown, errors: readonly ErrorEntry[]): unknown {
  if (errors.length === 0) return value
  if (!isObject(value) || Object.hasOwn(value, 'errors')) return { data: value, errors }
  return { ...value, errors }
}
