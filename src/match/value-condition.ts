/** Binds a condition on one value (ROUTES.md §2). An absent value is undefined; values of a body may be any JSON. */
import type { BodyCondition, BodyTest, ValueCondition } from './schema.ts'

export type ValuePredicate = (value: unknown) => boolean

// Regular expressions see no more of a subject (ROUTES.md §2): with linear time this bounds the work.
const MAX_SUBJECT_LENGTH = 8192

/** The part of a text that regular expressions see. */
export function regexSubject(text: string): string {
  return text.length > MAX_SUBJECT_LENGTH ? text.slice(0, MAX_SUBJECT_LENGTH) : text
}

export function bindCondition(condition: ValueCondition | BodyCondition): ValuePredicate {
  if (!isList(condition)) return bindTest(condition)
  const literals = new Set<unknown>(condition.filter(isLiteral))
  const tests = condition.filter((test) => !isLiteral(test)).map(bindTest)
  return (value) => literals.has(value) || tests.some((test) => test(value))
}

function isList(condition: ValueCondition | BodyCondition): condition is readonly BodyTest[] {
  return Array.isArray(condition)
}

function isLiteral(test: BodyTest): boolean {
  return typeof test !== 'object' || test === null
}

function bindTest(test: BodyTest): ValuePredicate {
  if (typeof test !== 'object' || test === null) return (value) => value === test
  if ('regex' in test) {
    const regex = new RegExp(test.regex, 'u')
    return (value) => typeof value === 'string' && regex.test(regexSubject(value))
  }
  if ('prefix' in test) {
    const { prefix } = test
    return (value) => typeof value === 'string' && value.startsWith(prefix)
  }
  if ('present' in test) {
    const { present } = test
    return (value) => (value !== undefined) === present
  }
  const denied = bindCondition(test.not)
  return (value) => !denied(value)
}
