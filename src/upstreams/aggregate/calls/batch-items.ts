/**
 * `batch`: the items of `forEach` in as few requests as the service takes ids for, and the elements of its answers
 * handed back to the items by their ids. Order and number of the parts are those of the items. Pure.
 */

import { valueAt } from '../../../template/value-at.ts'
import type { Answered, Failed, Single } from '../part.ts'
import { textOf } from './call-template.ts'
import { failed } from './failure.ts'

export interface Chunk {
  /** One item for each id. */
  readonly items: readonly unknown[]
  readonly ids: readonly string[]
}

/** Requests of at most `size` distinct ids, in the order in which they appear; `ids` has one per item, null for none. */
export function chunksOf(
  items: readonly unknown[],
  ids: readonly (string | null)[],
  size: number,
): readonly Chunk[] {
  const first = new Map<string, unknown>()
  for (const [index, id] of ids.entries()) {
    if (id !== null && !first.has(id)) first.set(id, items[index])
  }
  const all = [...first]
  const chunks: Chunk[] = []
  for (let at = 0; at < all.length; at += size) {
    const part = all.slice(at, at + size)
    chunks.push({ items: part.map(([, item]) => item), ids: part.map(([id]) => id) })
  }
  return chunks
}

/** The id as it is compared, whatever its type: services write numbers as they like. */
export function idOf(value: unknown): string | null {
  const text = textOf(value)
  return text === '' ? null : text
}

/** What became of each id of a chunk. */
export function elementsOf(
  answer: Answered,
  list: readonly unknown[],
  { key, ids }: { readonly key: readonly string[]; readonly ids: readonly string[] },
): ReadonlyMap<string, Single> {
  const found = new Map<string, unknown>()
  for (const element of list) {
    const id = idOf(valueAt(element, key))
    if (id !== null && !found.has(id)) found.set(id, element)
  }
  const parts = new Map<string, Single>()
  let { cookies } = answer
  for (const id of ids) {
    if (!found.has(id)) continue
    const { status, headers } = answer
    const value = found.get(id)
    // One answer set them: they stand once.
    parts.set(id, { kind: 'answered', status, headers, cookies, text: null, value })
    cookies = []
  }
  return parts
}

/** An item without an id, or whose id the service knows nothing of. */
export const unknownItem: Failed = failed('CALL_NOT_FOUND', { reason: 'not-in-batch' })

/** The body is no list where one has to be. */
export const noList: Failed = failed('UPSTREAM_BODY_INVALID', { reason: 'batch-no-list' })
