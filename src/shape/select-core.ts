/** The steps that choose and name members: unwrap, pick, omit, rename, wrap. Values are copied, never changed. Pure. */
import { put } from '../formats/format.ts'
import { isObject } from '../formats/json-object.ts'
import { MAX_NESTED_LISTS, throughLists } from './lists.ts'
import type { PathTree } from './paths.ts'

/** The member at the path in the place of the value; what has no such member stays as it is. */
export function unwrap(value: unknown, names: readonly string[]): unknown {
  return throughLists(value, (element) => {
    let found: unknown = element
    for (const [index, name] of names.entries()) {
      if (Array.isArray(found)) return unwrap(found, names.slice(index))
      if (!isObject(found) || !Object.hasOwn(found, name)) return element
      found = found[name]
    }
    return found
  })
}

/** The value as the one member of an object, of an object within that for each further name. */
export function wrap(value: unknown, names: readonly string[]): unknown {
  return names.reduceRight<unknown>((inner, name) => {
    const outer: Record<string, unknown> = {}
    put(outer, name, inner)
    return outer
  }, value)
}

/**
 * Only what the tree names. It is a list of what may go out, so a text or number where the tree expects an object
 * goes out of it; null says nothing and stays.
 */
export function pick(value: unknown, tree: PathTree<true>): unknown {
  const picked = pickFrom(value, tree)
  return picked === undefined ? null : picked
}

function pickFrom(value: unknown, tree: PathTree<true>, depth = 0): unknown {
  if (tree.leaf === true || value === null) return value
  if (Array.isArray(value)) {
    if (depth === MAX_NESTED_LISTS) return undefined
    return value
      .map((element) => pickFrom(element, tree, depth + 1))
      .filter((element) => element !== undefined)
  }
  if (!isObject(value)) return undefined
  const picked: Record<string, unknown> = {}
  for (const [name, member] of Object.entries(value)) {
    const below = tree.below.get(name)
    if (below === undefined) continue
    const kept = pickFrom(member, below)
    if (kept !== undefined) put(picked, name, kept)
  }
  return picked
}

/** All but what the tree names. */
export function omit(value: unknown, tree: PathTree<true>): unknown {
  return throughLists(value, (element) => {
    if (!isObject(element)) return element
    const kept: Record<string, unknown> = {}
    for (const [name, member] of Object.entries(element)) {
      const below = tree.below.get(name)
      if (below === undefined) put(kept, name, member)
      else if (below.leaf === undefined) put(kept, name, omit(member, below))
    }
    return kept
  })
}

/**
 * Members under other names, in their places. All names are read before any is changed, so that two can be swapped;
 * what stood under a new name is replaced.
 */
export function rename(value: unknown, tree: PathTree<string>): unknown {
  return throughLists(value, (element) => {
    if (!isObject(element)) return element
    const taken = new Set<string>()
    for (const [name, { leaf }] of tree.below) {
      if (leaf !== undefined && Object.hasOwn(element, name)) taken.add(leaf)
    }
    const renamed: Record<string, unknown> = {}
    for (const [name, member] of Object.entries(element)) {
      const below = tree.below.get(name)
      if (below?.leaf === undefined && taken.has(name)) continue
      const inner = below === undefined || below.below.size === 0 ? member : rename(member, below)
      put(renamed, below?.leaf ?? name, inner)
    }
    return renamed
  })
}
