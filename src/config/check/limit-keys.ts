/** Limits that a client escapes by writing something else with each request: what is in the key is not verified. */

import { attributesOfKeyPart } from '../../policies/limit-key-parts.ts'
import type { PolicyEntry } from '../../policies/registry.ts'
import type { Path } from '../json.ts'
import type { Problem } from '../problem.ts'
import type { RouteTable } from '../schema.ts'
import { warned } from './note.ts'
import { type PlacedEntry, placedEntries } from './placed.ts'

export function checkLimitKeys(table: RouteTable): Problem[] {
  const limits = placedEntries(table).filter(isOn).flatMap(limitOf)
  const guarded = new Set(limits.filter(({ free }) => free.length === 0).map(({ list }) => list))
  return limits.flatMap(({ path, list, free }) => {
    const [name] = free
    if (name === undefined || guarded.has(list)) return []
    const message = `expected a key that a client cannot choose, found "${name}": who writes another one with each request has a fresh bucket each time. Take \`consumer\` or a claim, or put a second limit by \`client.ip\` beside it`
    return [warned([...path, 'by'], 'LIMIT_KEY_UNVERIFIED', message)]
  })
}

function isOn({ entry }: PlacedEntry): boolean {
  return entry.mode === undefined || entry.mode === 'enforce'
}

interface Limit {
  readonly path: Path
  /** The list in which it stands. */
  readonly list: string
  /** Names in its key that a client writes freely. */
  readonly free: readonly string[]
}

function limitOf({ entry, path }: PlacedEntry): readonly Limit[] {
  const by = keyOf(entry)
  if (by === null) return []
  const free = by
    .flatMap(attributesOfKeyPart)
    .filter((name) => /^(?:header|query|cookie)\./.test(name))
  // Where it does not always run it protects nothing that another lets through.
  const guards = free.length > 0 || entry.when === undefined
  return guards ? [{ path, list: path.slice(0, -1).join('/'), free }] : []
}

/** Null where the policy is no limit. */
function keyOf(entry: PolicyEntry): readonly string[] | null {
  switch (entry.use) {
    case 'rate-limit':
    case 'quota':
    case 'concurrency':
      return entry.by ?? ['consumer']
    default:
      return null
  }
}
