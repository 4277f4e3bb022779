/** Sparse fields (`?fields=a,b.c`): the members of an answer that a client chooses. Pure. */
import { put } from '../formats/format.ts'
import { isMembers, MAX_NESTED_LISTS } from './members.ts'

/** What is chosen below a place in a value; a place without names below it is chosen whole. */
export interface FieldTree {
  readonly below: ReadonlyMap<string, FieldTree>
}

// What a client may ask for is bounded by what a form of a page needs, not by what a query can hold.
const MAX_LENGTH = 4096
const MAX_PATHS = 200
const MAX_DEPTH = 16

interface Growing extends FieldTree {
  readonly below: Map<string, Growing>
}

/** The tree of a list of names with commas between them; a dot leads into an object. Null where it is no such list. */
export function parseFields(text: string): FieldTree | null {
  if (text.length > MAX_LENGTH) return null
  const paths = text.split(',')
  if (paths.length > MAX_PATHS) return null
  const root: Growing = { below: new Map() }
  const whole = new Set<Growing>()
  for (const path of paths) {
    const names = path.trim().split('.')
    if (names.length > MAX_DEPTH || !names.every(isName)) return null
    let node = root
    for (const name of names) {
      // All of it is chosen already.
      if (whole.has(node)) break
      const next = node.below.get(name) ?? { below: new Map() }
      node.below.set(name, next)
      node = next
    }
    if (whole.has(node)) continue
    whole.add(node)
    node.below.clear()
  }
  return root
}

function isName(name: string): boolean {
  return name !== '' && name.trim() === name && !/[\u0000-\u001f\u007f]/.test(name)
}

/** What of the value is chosen, in its own order and through lists; what is kept is shared and not copied. */
export function selectFields(value: unknown, tree: FieldTree, depth = 0): unknown {
  if (tree.below.size === 0) return value
  if (Array.isArray(value)) {
    if (depth === MAX_NESTED_LISTS) return value
    return value.map((element) => selectFields(element, tree, depth + 1))
  }
  if (!isMembers(value)) return value
  const selected: Record<string, unknown> = {}
  for (const [name, member] of Object.entries(value)) {
    const below = tree.below.get(name)
    if (below !== undefined) put(selected, name, selectFields(member, below))
  }
  return selected
}
