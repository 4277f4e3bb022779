/** What calls came to, as expressions and templates see it: `{ status, headers, body }`, or a list of these. */
import type { Part, Single, Values } from './part.ts'

interface View {
  readonly status: number | null
  readonly headers: Readonly<Record<string, string>>
  readonly body: unknown
}

export function viewOf(part: Part): View | readonly View[] {
  return part.kind === 'list' ? part.parts.map(viewOfSingle) : viewOfSingle(part)
}

const noHeaders = {}

function viewOfSingle(single: Single): View {
  switch (single.kind) {
    case 'answered':
      return {
        status: single.status,
        // Plain, as expressions take all objects to be.
        headers: { ...single.headers },
        // Parsed only where it is looked at.
        get body() {
          return single.value
        },
      }
    case 'failed':
      return {
        status: single.status,
        headers: single.headers === null ? noHeaders : { ...single.headers },
        body: single.value,
      }
    case 'skipped':
      return { status: null, headers: noHeaders, body: single.value }
  }
}

/** A call that is over. */
interface Seen {
  readonly call: { readonly name: string }
  readonly part: Part
}

/** What templates and expressions read where these calls are over, each made ready once at most. */
export function makeValues(
  params: Readonly<Record<string, string>>,
  seen: readonly Seen[],
): Values {
  // Most calls read none.
  let views: Map<string, unknown> | null = null
  function read(name: string): unknown {
    views ??= new Map()
    if (views.has(name)) return views.get(name)
    const found = seen.find(({ call }) => call.name === name)
    const view = found === undefined ? undefined : viewOf(found.part)
    views.set(name, view)
    return view
  }
  return {
    read,
    input() {
      const entries: [string, unknown][] = [['params', { ...params }]]
      for (const { call } of seen) entries.push([call.name, read(call.name)])
      // Names are data: own members, whatever they are.
      return Object.fromEntries(entries)
    },
  }
}
