/**
 * What stands between a client of a version and the service, which speaks the newest: the steps of every later
 * version, upward for its requests and downward for their answers. A body is parsed once and written once.
 */
import { type Refusal, refuse } from '../../errors/refusal.ts'
import type { Occasion } from '../../expression/expression.ts'
import { type Change, orderChanges } from '../../http/changes.ts'
import { changeQuery } from '../../http/query-changes.ts'
import type { Exchange } from '../../pipeline/exchange.ts'
import { DEFAULT_MAX_BYTES, type ReadOptions } from '../../shape/read-options.ts'
import { readRequestValue, writeRequestValue } from '../../shape/request-body.ts'
import { type BoundSteps, bindSteps, type Shaped } from '../../shape/steps.ts'
import { makeMark } from '../../shape/tags.ts'
import { statusFor } from './core.ts'
import { withoutCharset } from './media-type-core.ts'
import type { VersionOptions, VersionsOptions } from './schema.ts'

export interface Chain {
  /** Changes to the query, in their order; empty where there are none. */
  readonly query: readonly Change<string>[]
  readonly up: readonly BoundSteps[]
  readonly down: readonly BoundSteps[]
  /** The status for the client; null where no version changes any. */
  readonly statusOf: ((status: number) => number) | null
  /** Of entity tags of answers that pass `down`. */
  readonly mark: string
  readonly reading: ReadOptions
}

/** The chain of each version, from the oldest to the newest, which has nothing to do. */
export function bindChains(
  ordered: readonly string[],
  { versions, maxBytes = DEFAULT_MAX_BYTES }: VersionsOptions,
): readonly Chain[] {
  const steps = ordered.map((name) => bindVersion(versions[name] ?? {}))
  const maps = steps.map(({ statuses }) => statuses)
  const reading = { formats: ['json'], maxBytes, onTooLarge: 'refuse' } as const
  return ordered.map((name, index) => {
    const later = steps.slice(index + 1)
    const changesStatus = later.some(({ statuses }) => statuses !== null)
    return {
      query: later.flatMap(({ query }) => query),
      up: later.flatMap(({ up }) => up ?? []),
      down: later.toReversed().flatMap(({ down }) => down ?? []),
      statusOf: changesStatus ? (status: number) => statusFor(status, index, maps) : null,
      mark: makeMark([name, ordered.slice(index + 1).map((later) => versions[later])]),
      reading,
    }
  })
}

function bindVersion({ request, response }: VersionOptions) {
  const { query = {}, ...requestSteps } = request ?? {}
  const { status, ...responseSteps } = response ?? {}
  const statuses = Object.entries(status ?? {}).map(([from, to]) => [Number(from), to] as const)
  return {
    query: orderChanges(query).map(encodeChange),
    up: nullIfEmpty(bindSteps(requestSteps, 'request')),
    down: nullIfEmpty(bindSteps(responseSteps, 'answer')),
    statuses: statuses.length === 0 ? null : new Map(statuses),
  }
}

function nullIfEmpty(steps: BoundSteps): BoundSteps | null {
  return steps.isEmpty ? null : steps
}

/** Values stand in the table as they are meant, and in a query encoded. */
function encodeChange(change: Change<string>): Change<string> {
  if (change.kind === 'remove' || change.kind === 'rename') return change
  return { ...change, value: encodeURIComponent(change.value.toWellFormed()) }
}

/** Turns the request into one of the newest version. */
export function raise(exchange: Exchange, chain: Chain): null | Refusal | Promise<null | Refusal> {
  const { outgoing } = exchange
  if (chain.query.length > 0) outgoing.query = changeQuery(outgoing.query, chain.query)
  return chain.up.length === 0 || outgoing.body === null ? null : raiseBody(exchange, chain)
}

async function raiseBody(exchange: Exchange, { up, reading }: Chain): Promise<null | Refusal> {
  const read = await readRequestValue(exchange, reading)
  if (read.kind !== 'value') return read.kind === 'refused' ? read : null
  const shaped = await passSteps(read.value, up, exchange)
  if (shaped.kind === 'refused') return shaped
  if (shaped.value === undefined) return nothingLeft
  const { headers } = exchange.outgoing
  const type = headers['content-type']
  const refusal = writeRequestValue(exchange, shaped.value, read.format)
  // A type of its own, as of a patch, says what the object is for: only how it is written changed.
  if (refusal === null && type !== undefined) headers['content-type'] = withoutCharset(type)
  return refusal
}

const nothingLeft = refuse('TRANSFORM_FAILED', { reason: 'no-value' })

/** One value through several versions: what one gives the next one takes. */
export async function passSteps(
  value: unknown,
  steps: readonly BoundSteps[],
  exchange: Exchange,
): Promise<Shaped> {
  const at: Occasion = { exchange, now: exchange.ports.clock.now() }
  let current = value
  for (const step of steps) {
    const shaped = step.apply(current, at)
    const settled = shaped instanceof Promise ? await shaped : shaped
    if (settled.kind === 'refused') return settled
    current = settled.value
  }
  return { kind: 'shaped', value: current }
}
