/** The status of a problem that is made of a GraphQL service's errors. Pure. */
import type { ShownError } from './answer-core.ts'

/** Codes that services share, from those of Apollo Server and GraphQL Yoga. */
const known: ReadonlyMap<string, number> = new Map([
  ['UNAUTHENTICATED', 401],
  ['FORBIDDEN', 403],
  ['NOT_FOUND', 404],
  ['BAD_USER_INPUT', 400],
])

/** What a service says by HTTP and means for the client; all else tells of the gateway's own request, or of a failure. */
const passing: ReadonlySet<number> = new Set([401, 403, 404, 409, 410, 422, 429, 503, 504])

const FAILED = 502

/** graphql-js, and what follows it, gives values of variables no code. Text of a variable's declaration is validation's. */
const unfit =
  /^Variable "\$\w+" (?:got invalid value|has invalid value|of (?:required|non-null) type)/

/** The first error whose code has a status decides; then what the service says by HTTP. */
export function statusOfErrors(
  errors: readonly ShownError[],
  own: ReadonlyMap<string, number>,
  httpStatus: number,
): number {
  for (const { code, message = '' } of errors) {
    const status = code === undefined ? undefined : (own.get(code) ?? known.get(code))
    if (status !== undefined) return status
    // What a client sent within an object: the gateway knows no schema that it could have been held to.
    if (code === undefined && unfit.test(message)) return 400
  }
  return passing.has(httpStatus) ? httpStatus : FAILED
}

/** Of an answer that is none of GraphQL: a proxy, or a server before it came to the operation. */
export function statusOfForeign(httpStatus: number): number {
  // A path that does not exist is the operator's, not the client's.
  return httpStatus !== 404 && passing.has(httpStatus) ? httpStatus : FAILED
}

export function hasCode(errors: readonly ShownError[], code: string, message: string): boolean {
  return errors.some((error) => error.code === code || error.message === message)
}
