/** What is left to judge of an aggregate that has problems: the calls that have none, in their graph. */
type Members = Record<string, unknown>

/** Takes out what a problem at this path, from the aggregate, is about. */
export function mendAggregate(aggregate: Members, path: readonly string[]): void {
  const [key = '', name = '', part] = path
  const { calls } = aggregate
  if (key !== 'calls' || !isMembers(calls) || name === '') delete aggregate[key]
  else {
    const call = calls[name]
    if (!isMembers(call) || part === undefined || part === 'upstream') delete calls[name]
    else if (part === 'path') call.path = '/'
    else delete call[part]
  }
  aggregate.calls ??= {}
}

/** Where a call, or its list, was taken out, names may refer to nothing that were right. */
const consequences: ReadonlySet<string> = new Set([
  'AGGREGATE_EMPTY',
  'AGGREGATE_REFERENCE_UNKNOWN',
])

/** Places, from the aggregate, of which a problem takes out a call, or its list. */
const takesOut = /^calls(?:\/[^/]*(?:\/(?:upstream|forEach))?)?$/

/** Whether a problem of a mended aggregate was made by those before it. */
export function isAggregateConsequence(
  { code, pointer }: { readonly code: string; readonly pointer: string },
  of: readonly { readonly pointer: string }[],
): boolean {
  if (!consequences.has(code)) return false
  const [place = ''] = /^\/routes\/\d+\/aggregate\//.exec(pointer) ?? []
  return of.some(
    (problem) =>
      problem.pointer.startsWith(place) && takesOut.test(problem.pointer.slice(place.length)),
  )
}

function isMembers(value: unknown): value is Members {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
