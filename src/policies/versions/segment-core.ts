/** Takes the segment of a path that names a version out, or puts another in its place. Pure. */

export interface Named {
  /** The pattern of the path that matched: `/:version/users/*`, or a regular expression. */
  readonly pattern: string
  readonly name: string
  /** The parameter's value, decoded. */
  readonly value: string
  /** The path that matched; what goes on may lack segments at its front by now (`rewrite`). */
  readonly matched: string
}

/** The path without the segment, or with `told` in its place; as it was where `rewrite` took it out before. */
export function replaceSegment(path: string, named: Named, told: string | null): string {
  const segments = path.split('/')
  const at = placeOf(segments, named)
  if (at === -1) return path
  const changed = told === null ? segments.toSpliced(at, 1) : segments.with(at, told)
  return changed.length === 1 ? '/' : changed.join('/')
}

/** Where the pattern has it; a regular expression does not say, so there it is the first segment that reads so. */
function placeOf(segments: readonly string[], { pattern, name, value, matched }: Named): number {
  if (!pattern.startsWith('/')) return segments.findIndex((segment) => isSame(segment, value))
  const at = pattern.split('/').indexOf(`:${name}`) - lackingAtFront(segments, matched)
  const segment = segments[at]
  return at > 0 && segment !== undefined && isSame(segment, value) ? at : -1
}

/** How many segments of the path that matched are no longer there, where the others are as they were. */
function lackingAtFront(segments: readonly string[], matched: string): number {
  const before = matched.split('/')
  const lacking = before.length - segments.length
  const isRest = segments.every((segment, at) => at === 0 || segment === before[at + lacking])
  return lacking > 0 && isRest ? lacking : 0
}

function isSame(segment: string, value: string): boolean {
  if (segment === value) return true
  if (!segment.includes('%')) return false
  try {
    return decodeURIComponent(segment) === value
  } catch {
    return false
  }
}
