/** Names of upstreams and policy sets that the table refers to must stand in it. */

import type { PolicyEntry } from '../../policies/registry.ts'
import { suggestion } from '../../schema/nearest.ts'
import type { Path } from '../json.ts'
import { callsOf, othersOf, placedUpstreams } from '../placed-upstreams.ts'
import type { Problem } from '../problem.ts'
import type { RouteTable } from '../schema.ts'
import { refused } from './note.ts'
import { placedEntries } from './placed.ts'

export function checkReferences(table: RouteTable): Problem[] {
  const upstreams = new Set(Object.keys(table.upstreams ?? {}))
  const sets = new Set(Object.keys(table.policySets ?? {}))
  const problems = unknownSets(table.defaults?.policies, ['defaults', 'policies'], sets)
  for (const { options, path } of placedUpstreams(table)) {
    for (const other of othersOf(options)) {
      problems.push(...unknownUpstream(other.name, [...path, ...other.path], upstreams))
    }
  }
  for (const [index, { upstream, policies }] of table.routes.entries()) {
    const path = ['routes', index]
    problems.push(...unknownSets(policies, [...path, 'policies'], sets))
    if (typeof upstream === 'string') {
      problems.push(...unknownUpstream(upstream, [...path, 'upstream'], upstreams))
    } else if (Array.isArray(upstream)) {
      for (const [at, share] of upstream.entries()) {
        const place = [...path, 'upstream', at, 'upstream']
        problems.push(...unknownUpstream(share.upstream, place, upstreams))
      }
    }
  }
  for (const { name, path } of callsOf(table)) {
    problems.push(...unknownUpstream(name, path, upstreams))
  }
  for (const { entry, path } of placedEntries(table)) {
    if (entry.use !== 'rate-limit' || entry.adaptive === undefined) continue
    const place = [...path, 'adaptive', 'upstream']
    problems.push(...unknownUpstream(entry.adaptive.upstream, place, upstreams))
  }
  return problems
}

function unknownUpstream(name: string, path: Path, known: ReadonlySet<string>): Problem[] {
  return known.has(name) ? [] : [unknown('upstream', 'UPSTREAM_UNKNOWN', name, path, known)]
}

function unknownSets(
  list: readonly (string | PolicyEntry)[] | undefined,
  path: Path,
  known: ReadonlySet<string>,
): Problem[] {
  return (list ?? []).flatMap((item, at) =>
    typeof item !== 'string' || known.has(item)
      ? []
      : [unknown('policy set', 'POLICY_SET_UNKNOWN', item, [...path, at], known)],
  )
}

// Longer lists help nobody, and a table may have thousands of upstreams.
const MAX_LISTED = 20

function unknown(
  what: 'upstream' | 'policy set',
  code: string,
  name: string,
  path: Path,
  known: ReadonlySet<string>,
): Problem {
  const listed =
    known.size === 0
      ? 'the table has none'
      : `known are ${[...known].slice(0, MAX_LISTED).join(', ')}`
  const meant = suggestion(name, known) || `; ${listed}`
  return refused(path, code, `unknown ${what} "${name}"${meant}`, {
    found: JSON.stringify(name),
    expected: `a name of ${what === 'upstream' ? '`upstreams`' : '`policySets`'}`,
  })
}
