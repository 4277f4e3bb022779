/** Members of values that came as JSON: names are data, `__proto__` and `constructor` too. Pure. */

export type Members = Readonly<Record<string, unknown>>

export function isMembers(value: unknown): value is Members {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

// As deep as lists within lists are followed: a body of nothing but "[" would end in the stack otherwise.
export const MAX_NESTED_LISTS = 64

/** Applies `each` to a value, or to every element where it is a list. */
export function throughLists(
  value: unknown,
  each: (value: unknown) => unknown,
  depth = 0,
): unknown {
  if (!Array.isArray(value)) return each(value)
  if (depth === MAX_NESTED_LISTS) return value
  return value.map((element) => throughLists(element, each, depth + 1))
}
