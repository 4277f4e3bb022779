/** Of weights beside each other one must be above zero: else nothing could be chosen. */
import type { UpstreamOptions } from '../../upstreams/http/schema.ts'
import type { Path } from '../json.ts'
import type { Problem } from '../problem.ts'
import type { RouteTable } from '../schema.ts'
import { refused } from './note.ts'

export function checkWeights(table: RouteTable): Problem[] {
  const problems = Object.entries(table.upstreams ?? {}).flatMap(([name, upstream]) =>
    checkTargets(upstream, ['upstreams', name]),
  )
  for (const [index, { upstream }] of table.routes.entries()) {
    if (upstream === undefined || typeof upstream === 'string') continue
    const path = ['routes', index, 'upstream']
    if (!Array.isArray(upstream)) problems.push(...checkTargets(upstream, path))
    else if (upstream.every(({ weight }) => weight === 0)) problems.push(noWeight(path))
  }
  return problems
}

function checkTargets({ targets }: UpstreamOptions, path: Path): Problem[] {
  if (targets === undefined) return []
  const isChoosable = targets.some((target) => typeof target === 'string' || target.weight !== 0)
  return isChoosable ? [] : [noWeight([...path, 'targets'])]
}

function noWeight(path: Path): Problem {
  return refused(path, 'WEIGHT_MISSING', 'expected a weight above 0, found only 0', {
    found: '0',
    expected: 'a weight above 0',
  })
}
