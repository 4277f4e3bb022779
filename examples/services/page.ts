/** Pages of a list: `?limit=20&after=<id>`; the answer names the id to go on after. */
import type { DemoAnswer } from './serve.ts'

const DEFAULT_LIMIT = 20
const MAX_LIMIT = 100

/** One page of the items, which are in the order in which they are listed. */
export function page(
  items: readonly { readonly id: string }[],
  query: URLSearchParams,
): DemoAnswer {
  const asked = Number(query.get('limit') ?? DEFAULT_LIMIT)
  const limit = Number.isInteger(asked) ? Math.min(Math.max(asked, 1), MAX_LIMIT) : DEFAULT_LIMIT
  const after = query.get('after')
  const start = after === null ? 0 : items.findIndex(({ id }) => id === after) + 1
  const shown = items.slice(start, start + limit)
  const more = start + limit < items.length
  return { json: { items: shown, total: items.length, next: more ? shown.at(-1)!.id : null } }
}
