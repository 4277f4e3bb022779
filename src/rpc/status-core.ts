/**
 * The sixteen statuses of gRPC that say no (grpc.io/docs/guides/status-codes), with their names in gRPC and Connect, and
 * what each is in HTTP by google.rpc.Code. Pure.
 */

export interface RpcStatus {
  readonly code: number
  /** As gRPC writes it: `NOT_FOUND`. */
  readonly name: string
  /** As Connect writes it: `not_found`. */
  readonly connect: string
  readonly http: number
}

const OK = 0
const UNKNOWN = 2

const rows: readonly (readonly [name: string, http: number])[] = [
  ['OK', 200],
  ['CANCELLED', 499],
  ['UNKNOWN', 500],
  ['INVALID_ARGUMENT', 400],
  ['DEADLINE_EXCEEDED', 504],
  ['NOT_FOUND', 404],
  ['ALREADY_EXISTS', 409],
  ['PERMISSION_DENIED', 403],
  ['RESOURCE_EXHAUSTED', 429],
  ['FAILED_PRECONDITION', 400],
  ['ABORTED', 409],
  ['OUT_OF_RANGE', 400],
  ['UNIMPLEMENTED', 501],
  ['INTERNAL', 500],
  ['UNAVAILABLE', 503],
  ['DATA_LOSS', 500],
  ['UNAUTHENTICATED', 401],
]

const statuses: readonly RpcStatus[] = rows.map(([name, http], code) => ({
  code,
  name,
  // The one name that the two spell differently.
  connect: name === 'CANCELLED' ? 'canceled' : name.toLowerCase(),
  http,
}))

/** A number that is no status counts as UNKNOWN. */
export function statusOf(code: number): RpcStatus {
  return (statuses[code] ?? statuses[UNKNOWN]) as RpcStatus
}

/** The status that a field `grpc-status` says: 0 is success; null where it is no number. */
export function readStatus(text: string | null | undefined): number | null {
  if (text === null || text === undefined || !/^\d{1,4}$/.test(text)) return null
  const code = Number(text)
  return code === OK ? OK : statusOf(code).code
}

export function statusOfConnect(name: unknown): RpcStatus | null {
  return statuses.find(({ connect, code }) => connect === name && code !== OK) ?? null
}

/** What an answer without a status of its own is (grpc/doc/http-grpc-status-mapping.md). */
export function statusOfHttp(http: number): RpcStatus {
  return statusOf(foreign.get(http) ?? UNKNOWN)
}

const foreign: ReadonlyMap<number, number> = new Map([
  [400, 13],
  [401, 16],
  [403, 7],
  [404, 12],
  [429, 14],
  [502, 14],
  [503, 14],
  [504, 14],
])

/** What a problem of the gateway itself is for a client that reads statuses of gRPC. */
export function statusOfProblem(http: number): RpcStatus {
  return statusOf(own.get(http) ?? (http < 500 ? 3 : 13))
}

const own: ReadonlyMap<number, number> = new Map([
  [401, 16],
  [403, 7],
  [404, 5],
  [409, 10],
  [412, 9],
  [413, 8],
  [429, 8],
  [499, 1],
  [501, 12],
  [502, 14],
  [503, 14],
  [504, 4],
])
