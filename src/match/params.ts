/** Builds the params of the candidate that won, from what the walk noted: nothing is cut out for others. */
import { emptyFields } from '../http/headers.ts'
import type { Candidate } from './candidate.ts'
import { regexSubject } from './value-condition.ts'

export type Params = Readonly<Record<string, string>>

/** Those of a pattern that has none, and of a request without route. */
export const noParams: Params = Object.freeze(emptyFields())

/** What `:param`, `*rest` and named groups hold. */
export function paramsOf(
  { regex, paramNames, restName }: Candidate,
  found: { readonly path: string; readonly spans: readonly number[]; readonly restAt: number },
): Params {
  if (regex !== null) return groupsOf(regex, found.path)
  if (paramNames.length === 0 && restName === null) return noParams
  const params = emptyFields()
  for (let index = 0; index < paramNames.length; index++) {
    const text = found.path.slice(found.spans[2 * index], found.spans[2 * index + 1])
    params[paramNames[index] as string] = decodeSegment(text)
  }
  if (restName !== null) params[restName] = decodeRest(found.path.slice(found.restAt))
  return params
}

function groupsOf(regex: RegExp, path: string): Params {
  const params = emptyFields()
  for (const [name, value] of Object.entries(regex.exec(regexSubject(path))?.groups ?? {})) {
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

/**
 * The same for text that may hold several segments: `%2F` and `%5C` never separate, so they stay, as do escapes
 * of them (`%252F`). So the template that writes the value into a path knows which was which.
 */
function decodeRest(text: string): string {
  return text.includes('%') ? decodeSegment(text.replace(/%(?=(?:25)*(?:2F|5C))/gi, '%25')) : text
}
