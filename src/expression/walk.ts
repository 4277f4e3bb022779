/** Paths of plain names (`cart.body.items`) without the library, by its rules: lists are walked through and laid flat. */
import { Exceeded, type Run } from './run.ts'

export function walkNames(input: unknown, names: readonly string[], run: Run): unknown {
  let items: readonly unknown[] = [input]
  for (const [index, name] of names.entries()) {
    const found: unknown[] = []
    for (const item of items) {
      run.spend(1)
      const value = lookUp(item, name, run, 0)
      if (value !== undefined) found.push(value)
    }
    if (found.length === 0) return undefined
    // The last list of a path, where it is the only one, is given as it stands, with one element or none.
    if (index === names.length - 1 && found.length === 1 && Array.isArray(found[0])) return found[0]
    items = found.flat()
    run.spendList(items.length)
    if (items.length === 0) return undefined
  }
  return items.length === 1 ? items[0] : items
}

function lookUp(value: unknown, name: string, run: Run, nesting: number): unknown {
  if (typeof value !== 'object' || value === null) return undefined
  if (!Array.isArray(value)) {
    return Object.hasOwn(value, name) ? (value as Record<string, unknown>)[name] : undefined
  }
  if (nesting >= run.limits.nesting) throw new Exceeded('depth')
  run.spendList(value.length)
  const found: unknown[] = []
  for (const item of value) {
    const inner = lookUp(item, name, run, nesting + 1)
    if (inner === undefined) continue
    if (Array.isArray(inner)) for (const one of inner) found.push(one)
    else found.push(inner)
  }
  if (nesting > 0) return found
  return found.length === 0 ? undefined : found.length === 1 ? found[0] : found
}
