/** `split` speaks of the upstreams of its route's weighted list, and of no other. */
import type { Path } from '../json.ts'
import type { Problem } from '../problem.ts'
import type { RouteTable } from '../schema.ts'
import { refused } from './note.ts'

export function checkSplits({ routes }: RouteTable): Problem[] {
  return routes.flatMap(({ upstream, split }, index) => {
    if (split === undefined) return []
    const path = ['routes', index, 'split']
    if (!Array.isArray(upstream)) {
      const expected = 'a weighted list in `upstream`'
      const message = `expected ${expected} beside "split", found none`
      return [refused(path, 'SPLIT_WITHOUT_LIST', message, { found: 'none', expected })]
    }
    const listed = upstream.map((share) => share.upstream)
    const named: [Path, string][] = Object.entries(split.header?.values ?? {}).map(
      ([value, name]) => [[...path, 'header', 'values', value], name],
    )
    if (split.new !== undefined) named.push([[...path, 'new'], split.new])
    return [
      ...named.flatMap(([at, name]) => (listed.includes(name) ? [] : [stranger(at, name, listed)])),
      ...repeats(listed, index),
      ...(split.new !== undefined && listed.length === 1 ? [alone(path)] : []),
    ]
  })
}

function stranger(path: Path, name: string, listed: readonly string[]): Problem {
  const expected = `one of ${listed.join(', ')}`
  const message = `expected an upstream of the route's list, ${expected}, found "${name}"`
  return refused(path, 'SPLIT_STRANGER', message, { found: JSON.stringify(name), expected })
}

/** Two entries of one upstream would be two sides of the same name. */
function repeats(listed: readonly string[], index: number): Problem[] {
  return listed.flatMap((name, at) => {
    if (listed.indexOf(name) === at) return []
    const path = ['routes', index, 'upstream', at, 'upstream']
    const message = `expected each upstream once beside "split", found "${name}" again`
    return [refused(path, 'SPLIT_REPEATED', message, { found: JSON.stringify(name) })]
  })
}

function alone(path: Path): Problem {
  const message = 'expected another upstream beside the new one, found none'
  return refused([...path, 'new'], 'SPLIT_ALONE', message, { found: 'none' })
}
