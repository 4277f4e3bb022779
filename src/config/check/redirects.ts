/**
 * A redirect whose path comes from the request needs a host that does not: else a request could choose where
 * the client is sent (ROUTES.md §3).
 */
import { attributesOf } from '../../template/parse.ts'
import type { Problem } from '../problem.ts'
import type { RouteTable } from '../schema.ts'
import { alternativesOf } from './alternatives.ts'
import { refused } from './note.ts'

const expected = '`host` in the redirect, or `hosts` in the match, beside a path that is a template'

export function checkRedirects(table: RouteTable): Problem[] {
  return table.routes.flatMap(({ match, redirect }, index) => {
    if (redirect?.path === undefined || redirect.host !== undefined) return []
    if (attributesOf(redirect.path).length === 0) return []
    if (alternativesOf(match).every(({ spec }) => spec.hosts !== undefined)) return []
    const message = `expected ${expected}, found neither`
    return [
      refused(['routes', index, 'redirect', 'path'], 'REDIRECT_HOST_MISSING', message, {
        found: 'neither',
        expected,
      }),
    ]
  })
}
