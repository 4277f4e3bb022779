/** Builds the params of the candidate that won, from what the walk noted: nothing is cut out for others. */
import type { Candidate } from './candidate.ts'
import { regexSubject } from './value-condition.ts'

export type Params = Readonly<Record<string, string>>

const noParams: Params = Object.freeze({ __proto__: null }) as unknown as Params

/** The names that a candidate gives, or null where it has none: then there is nothing to build. */
export function paramsOf(
  { path }: Candidate,
  found: { readonly path: string; readonly spans: readonly number[]; readonly restAt: number },
): Params {
  if (path.kind === 'any') return noParams
  if (path.kind === 'regex') {
    const groups = path.regex.exec(regexSubject(found.path))?.groups
    return groups === undefined ? noParams : groupsOf(groups)
  }
  let params: Record<string, string> | null = null
  let at = 0
  for (const segment of path.segments) {
    if (segment.kind !== 'param') continue
    params ??= emptyParams()
    const text = found.path.slice(found.spans[at], found.spans[at + 1])
    params[segment.name] = decodeSegment(text)
    at += 2
  }
  if (path.rest !== null && path.rest.name !== null) {
    params ??= emptyParams()
    params[path.rest.name] = decodeRest(found.path.slice(found.restAt))
  }
  return params ?? noParams
}

function emptyParams(): Record<string, string> {
  return { __proto__: null } as unknown as Record<string, string>
}

function groupsOf(groups: Record<string, string | undefined>): Params {
  const params = emptyParams()
  for (const [name, value] of Object.entries(groups)) {
    if (value !== undefined) params[name] = decodeRest(value)
  }
  return params
}

/** Percent-decoded once; what is not UTF-8 stays as it is. */
function decodeSegment(text: string): string {
  if (!text.includes('%')) return text
  try {
    return decodeURIComponent(text)
  } catch {
    return text
  }
}

/** The same for text that may hold several segments: `%2F` and `%5C` never separate, so they stay. */
function decodeRest(text: string): string {
  return text.includes('%') ? decodeSegment(text.replace(/%(?=2F|5C)/gi, '%25')) : text
}
