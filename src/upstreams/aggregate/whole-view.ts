/** What the expression and the header templates of `response` see: all calls, over. Pure. */
import type { Exchange } from '../../pipeline/exchange.ts'
import type { Part, Single, Values } from './part.ts'
import type { AggregatePlan } from './plan.ts'

/** `reads` are the calls that are asked for, by name: of others nothing is made, and no body is parsed. Null is all. */
export function wholeValues(
  { params }: Exchange,
  { calls }: AggregatePlan,
  parts: readonly Part[],
  reads: ReadonlySet<string> | null,
): Values {
  const input: Record<string, unknown> = Object.create(null)
  input.params = params
  for (const { name, index } of calls) {
    const part = parts[index]
    if (part !== undefined && (reads === null || reads.has(name))) input[name] = viewOf(part)
  }
  return { read: (call) => input[call], input: () => input }
}

function viewOf(part: Part): unknown {
  return part.kind === 'list' ? part.parts.map(viewOfSingle) : viewOfSingle(part)
}

function viewOfSingle(single: Single) {
  if (single.kind === 'skipped') return { status: null, headers: {}, body: single.value }
  return { status: single.status, headers: single.headers ?? {}, body: single.value }
}
