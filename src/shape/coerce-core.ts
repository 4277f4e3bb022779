/** The step `coerce`: members as other types, as far as nothing is lost or guessed. Pure. */
import { put } from '../formats/format.ts'
import { isObject } from '../formats/json-object.ts'
import { MAX_NESTED_LISTS } from './lists.ts'
import { type PathTree, writePath } from './paths.ts'

export const coercions = ['string', 'number', 'integer', 'boolean', 'list'] as const
export type Coercion = (typeof coercions)[number]

export type Coerced =
  | { readonly kind: 'coerced'; readonly value: unknown }
  /** The path of the first member that cannot be of this type. */
  | { readonly kind: 'misfit'; readonly path: string; readonly to: Coercion }

interface Misfit {
  readonly path: string
  readonly to: Coercion
}

/** Of lists the elements count, but for `list`. What is not there, or null, stays so. */
export function coerce(value: unknown, tree: PathTree<Coercion>): Coerced {
  const walk: Walk = { misfit: null }
  const coerced = within(value, tree, [], walk)
  return walk.misfit === null
    ? { kind: 'coerced', value: coerced }
    : { kind: 'misfit', ...walk.misfit }
}

interface Walk {
  misfit: Misfit | null
}

function within(
  value: unknown,
  tree: PathTree<Coercion>,
  names: readonly string[],
  walk: Walk,
  depth = 0,
): unknown {
  if (walk.misfit !== null || value === null || value === undefined) return value
  if (tree.leaf === 'list') {
    const list: readonly unknown[] = Array.isArray(value) ? value : [value]
    return tree.below.size === 0 ? list : elements(list, { ...tree, leaf: undefined }, names, walk)
  }
  if (Array.isArray(value)) {
    return depth === MAX_NESTED_LISTS ? value : elements(value, tree, names, walk, depth + 1)
  }
  if (tree.leaf !== undefined) {
    const found = convert(value, tree.leaf)
    if (found === undefined) walk.misfit = { path: writePath(names), to: tree.leaf }
    return found
  }
  if (!isObject(value)) return value
  const changed: Record<string, unknown> = {}
  for (const [name, member] of Object.entries(value)) {
    const below = tree.below.get(name)
    put(changed, name, below === undefined ? member : within(member, below, [...names, name], walk))
  }
  return changed
}

function elements(
  list: readonly unknown[],
  tree: PathTree<Coercion>,
  names: readonly string[],
  walk: Walk,
  depth = 0,
): unknown[] {
  return list.map((element) => within(element, tree, names, walk, depth))
}

// A number as JSON writes it (RFC 8259 §6), with a sign and zeros in front as forms and CSV may have them.
const numeral = /^[+-]?[0-9]+(?:\.[0-9]+)?(?:[eE][+-]?[0-9]{1,3})?$/

/** Undefined where the value cannot be of the type. */
function convert(value: unknown, to: Exclude<Coercion, 'list'>): unknown {
  switch (to) {
    case 'string':
      return isScalar(value) ? String(value) : undefined
    case 'number':
      return numberOf(value)
    case 'integer': {
      const number = numberOf(value)
      // Past 2^53 a number is not the one that was written.
      return Number.isSafeInteger(number) ? number : undefined
    }
    case 'boolean':
      return booleanOf(value)
  }
}

function isScalar(value: unknown): boolean {
  return typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean'
}

function numberOf(value: unknown): number | undefined {
  if (typeof value === 'number') return value
  if (typeof value !== 'string') return undefined
  const text = value.trim()
  const number = numeral.test(text) ? Number(text) : Number.NaN
  return Number.isFinite(number) ? number : undefined
}

function booleanOf(value: unknown): boolean | undefined {
  if (typeof value === 'boolean') return value
  if (value === 1 || value === 0) return value === 1
  const text = typeof value === 'string' ? value.trim().toLowerCase() : ''
  if (text === 'true' || text === '1') return true
  return text === 'false' || text === '0' ? false : undefined
}
