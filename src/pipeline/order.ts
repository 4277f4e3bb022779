/**
 * The one order of the route pipeline, outermost first; answers pass it backwards. Policies run in the
 * order of their stages, never of the list in the table; within a stage list order holds.
 */
export const stages = [
  // Ids, logs and audit see everything, refusals included.
  'observe',
  // Header fields of the answer wrap everything, so that problems carry them too.
  'answer-headers',
  // Cheap refusals first: addresses, places, sizes. Preflights end here.
  'admit',
  // Who is calling: before limits, so that a limit is per verified caller.
  'identify',
  // What the caller may do.
  'permit',
  // How much: buckets are only asked for callers who may pass.
  'limit',
  // The body is read and judged only for callers within their limits.
  'validate',
  // The shape in which the request goes on, and the answer comes back.
  'shape',
  // Answers kept: after permission, so that a stored body never leaks.
  'reuse',
] as const

export type Stage = (typeof stages)[number]

/** Stages of `defaults` that also run for 400, 404 and 405. */
export const stagesWithoutRoute: readonly Stage[] = ['observe', 'answer-headers', 'admit']

/** The policies that run on a CORS preflight: it carries no credentials and changes nothing. */
export const policiesOnPreflight: readonly string[] = [
  'request-id',
  'log',
  'audit',
  'ip-filter',
  'geo-filter',
  'flood-guard',
  'cors',
]
