/** Lists within lists, as steps go through them. Pure. */

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
