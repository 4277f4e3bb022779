/** Values by the dotted names that templates have for them: `claims.realm.roles`, `users.body.items.0`. Pure. */
import type { Exchange } from '../pipeline/exchange.ts'

/** The value at the end of a path: of a list by index, of an object by a name of its own; else undefined. */
export function valueAt(root: unknown, path: readonly string[]): unknown {
  let value = root
  for (const name of path) {
    if (typeof value !== 'object' || value === null || !Object.hasOwn(value, name)) return undefined
    if (Array.isArray(value) && !/^\d+$/.test(name)) return undefined
    value = (value as Readonly<Record<string, unknown>>)[name]
  }
  return value
}

/** Reads a claim by its whole name, else by the path of its names; undefined where there is none. */
export function bindClaim(name: string): (exchange: Exchange) => unknown {
  const path = name.split('.')
  return function readClaim({ identity }) {
    if (identity === null) return undefined
    const { claims } = identity
    return Object.hasOwn(claims, name) ? claims[name] : valueAt(claims, path)
  }
}
