/** Sets of code points as sorted ranges that do not touch. Both ends of a range are included. */

export type CharSet = readonly (readonly [first: number, last: number])[]

const LAST_CODE_POINT = 0x10ffff

export const everything: CharSet = [[0, LAST_CODE_POINT]]

/** The set of all that is in one of the ranges, which may overlap and stand in any order. */
export function charSet(ranges: CharSet): CharSet {
  const sorted = [...ranges].sort((a, b) => a[0] - b[0])
  const joined: [number, number][] = []
  for (const [first, last] of sorted) {
    const previous = joined.at(-1)
    if (previous !== undefined && first <= previous[1] + 1) {
      previous[1] = Math.max(previous[1], last)
    } else {
      joined.push([first, last])
    }
  }
  return joined
}

export function complement(set: CharSet): CharSet {
  const rest: [number, number][] = []
  let next = 0
  for (const [first, last] of set) {
    if (first > next) rest.push([next, first - 1])
    next = last + 1
  }
  if (next <= LAST_CODE_POINT) rest.push([next, LAST_CODE_POINT])
  return rest
}

export function contains(set: CharSet, code: number): boolean {
  return set.some(([first, last]) => first <= code && code <= last)
}

// ECMA-262 §22.2.2.9: CharacterClassEscape, LineTerminator and WhiteSpace, without flag `i`.
export const digits: CharSet = [[0x30, 0x39]]
export const wordCharacters = charSet([
  [0x30, 0x39],
  [0x41, 0x5a],
  [0x5f, 0x5f],
  [0x61, 0x7a],
])
export const spaces = charSet([
  [0x09, 0x0d],
  [0x20, 0x20],
  [0xa0, 0xa0],
  [0x1680, 0x1680],
  [0x2000, 0x200a],
  [0x2028, 0x2029],
  [0x202f, 0x202f],
  [0x205f, 0x205f],
  [0x3000, 0x3000],
  [0xfeff, 0xfeff],
])
export const lineTerminators = charSet([
  [0x0a, 0x0a],
  [0x0d, 0x0d],
  [0x2028, 0x2029],
])
