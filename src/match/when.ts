/** Binds a policy's `when`: one match by itself, by the same code as routes (ROUTES.md §1). */
import { DEFAULT_BODY_LIMIT_BYTES } from './conditions.ts'
import type { MatchSpec } from './schema.ts'
import { findHit } from './search.ts'
import type { Subject } from './subject.ts'
import { buildTable } from './table.ts'

/**
 * Whether the request holds the match. Where `bodyLimitOf` gives a number the body has to be read before: an
 * unread body throws, since a policy that is left out in silence would let pass what it should not.
 */
export function bindWhen(spec: MatchSpec): (subject: Subject) => boolean {
  const table = buildTable([{ route: 0, match: [spec] }])
  return function holds(subject) {
    const hit = findHit(table, subject, 'request')
    if (hit.needsBody !== null) throw new Error('`when` looks at a body that was not read')
    return hit.candidate !== null
  }
}

/** How many bytes of body the match reads, or null where it asks nothing of the body. */
export function bodyLimitOf(spec: MatchSpec): number | null {
  const { body } = spec
  if (body === undefined || Object.keys(body).length === 0) return null
  return spec.bodyLimitBytes ?? DEFAULT_BODY_LIMIT_BYTES
}
