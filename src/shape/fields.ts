/**
 * Sparse fields (`?fields=a,b.c,d(e,f)`): the members of an answer that a client chooses. A dot leads into an object,
 * parentheses hold several paths below one; both lead through lists. A backslash takes its meaning from a dot, comma,
 * parenthesis or backslash that is part of a name. Pure.
 */
import { put } from '../formats/format.ts'
import { isObject } from '../formats/json-object.ts'
import { MAX_NESTED_LISTS } from './lists.ts'

/** What is chosen below a place in a value; a place without names below it is chosen whole. */
export interface FieldTree {
  readonly below: ReadonlyMap<string, FieldTree>
}

// What a client may ask for is bounded by what a form of a page needs, not by what a query can hold.
const MAX_LENGTH = 4096
const MAX_PATHS = 200
const MAX_DEPTH = 16

const controls = /[\u0000-\u001f\u007f-\u009f]/
const marks = ',.()'

interface Growing extends FieldTree {
  readonly below: Map<string, Growing>
  isWhole: boolean
}

/** The tree of the text, where "a,a.b" is all of `a`; null where it is no list of names, or too long a one. */
export function parseFields(text: string): FieldTree | null {
  if (text.length > MAX_LENGTH || controls.test(text)) return null
  const root = makePlace()
  let at = 0
  let paths = 0

  /** Up to the end of the text, or what closes the parentheses. Calls itself as deep as paths may be. */
  function readList(base: Growing, depth: number): boolean {
    for (;;) {
      if (!readPath(base, depth)) return false
      if (text[at] !== ',') return true
      at += 1
    }
  }

  function readPath(base: Growing, above: number): boolean {
    let place = base
    for (let depth = above + 1; depth <= MAX_DEPTH; depth += 1) {
      const name = readName()
      if (name === null) return false
      place = placeBelow(place, name)
      if (text[at] === '(') return readInner(place, depth)
      if (text[at] !== '.') {
        paths += 1
        chooseWhole(place)
        return paths <= MAX_PATHS
      }
      at += 1
    }
    return false
  }

  function readInner(place: Growing, depth: number): boolean {
    at += 1
    if (!readList(place, depth) || text[at] !== ')') return false
    at += 1
    while (text[at] === ' ') at += 1
    return true
  }

  /** Up to the next mark, without the blanks around it. */
  function readName(): string | null {
    let name = ''
    for (; at < text.length; at += 1) {
      let letter = text[at] as string
      if (marks.includes(letter)) break
      if (letter === '\\') {
        at += 1
        letter = text[at] ?? ''
        if (letter !== '\\' && (letter === '' || !marks.includes(letter))) return null
      }
      name += letter
    }
    const trimmed = name.trim()
    return trimmed === '' ? null : trimmed
  }

  return readList(root, 0) && at === text.length ? root : null
}

function makePlace(): Growing {
  return { below: new Map(), isWhole: false }
}

/** Below a place that is chosen whole all is chosen already. */
function placeBelow(place: Growing, name: string): Growing {
  if (place.isWhole) return place
  let next = place.below.get(name)
  if (next === undefined) {
    next = makePlace()
    place.below.set(name, next)
  }
  return next
}

function chooseWhole(place: Growing): void {
  place.isWhole = true
  place.below.clear()
}

/**
 * What of the value is chosen, in its own order and through lists; what is kept is shared and not copied. A text or
 * number where names lead further has nothing to choose from, and stays.
 */
export function selectFields(value: unknown, tree: FieldTree, depth = 0): unknown {
  if (tree.below.size === 0) return value
  if (Array.isArray(value)) {
    if (depth === MAX_NESTED_LISTS) return value
    return value.map((element) => selectFields(element, tree, depth + 1))
  }
  if (!isObject(value)) return value
  const selected: Record<string, unknown> = {}
  for (const [name, member] of Object.entries(value)) {
    const below = tree.below.get(name)
    if (below !== undefined) put(selected, name, selectFields(member, below))
  }
  return selected
}

/** The parameter of the query that an option `fields` means; null where clients choose nothing. */
export function parameterOf(fields: boolean | string | undefined): string | null {
  if (fields === true) return 'fields'
  return fields === false || fields === undefined ? null : fields
}
