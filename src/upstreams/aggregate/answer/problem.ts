/** Failed calls as clients see them: the problem of a required one, and the entry in `errors` of any other (ROUTES.md §6). Pure. */
import { type Code, catalogue } from '../../../errors/catalogue.ts'
import { type Refusal, refuse } from '../../../errors/refusal.ts'
import { COMPLETE_FIELD } from '../../../http/complete.ts'
import { problemType } from '../../../http/problem.ts'
import type { Failed } from '../part.ts'

/** How a service fails that answered, or did not: to the client these are one. */
const failures: ReadonlySet<Code> = new Set<Code>([
  'CALL_FAILED',
  'CALL_LIMITED',
  'CALL_NOT_FOUND',
  'UPSTREAM_BAD_STATUS',
  'UPSTREAM_BODY_INVALID',
  'UPSTREAM_BODY_TOO_LARGE',
  'UPSTREAM_UNREACHABLE',
])

/** What the whole is refused with where a required call failed. */
export function refusalOf(call: string, failed: Failed): Refusal {
  const { detail, retryAfter } = failed
  const code = codeOf(failed)
  const headers: Record<string, string> = { [COMPLETE_FIELD]: 'false' }
  if (retryAfter !== null && catalogue[code].status === 503) headers['retry-after'] = retryAfter
  return refuse(code, {
    // What a client's value or the gateway itself is refused with keeps its status; a service's does not go out.
    ...(failures.has(failed.code) ? {} : { status: failed.status }),
    ...(detail === undefined ? {} : { detail }),
    members: { call },
    headers,
  })
}

/** What the gateway itself says of a call (a breaker, a time limit, a value of the client) is its word for the whole. */
function codeOf({ code, status }: Failed): Code {
  if (!failures.has(code)) return code
  if (status === 404) return 'CALL_NOT_FOUND'
  return status === 429 ? 'CALL_LIMITED' : 'CALL_FAILED'
}

/** The members of an entry in `errors`; `index` of the item, with `forEach`. */
export interface ErrorEntry {
  readonly call: string
  readonly index?: number
  readonly status: number
  readonly type: string
  readonly title: string
}

export function errorEntry(
  call: string,
  index: number | null,
  { status, code, title }: Pick<Failed, 'status' | 'code' | 'title'>,
  origin: string,
): ErrorEntry {
  const type = problemType(code, origin)
  return { call, ...(index === null ? {} : { index }), status, type, title }
}
