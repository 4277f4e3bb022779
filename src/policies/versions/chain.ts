/**
 * What stands between a client of a version and the service, which speaks the newest: the steps of every later
 * version, upward for its requests and downward for their answers. A body is parsed once and written once.
 */
import { type Refusal, refuse } from '../../errors/refusal.ts'
import { type Change, orderChanges } from '../../http/changes.ts'
import { changeQuery } from '../../http/query-changes.ts'
import type { Exchange } from '../../pipeline/exchange.ts'
import { bindMarks } from '../../shape/marks.ts'
import { DEFAULT_MAX_BYTES, type ReadOptions } from '../../shape/read-options.ts'
import { readRequestValue, writeRequestValue } from '../../shape/request-body.ts'
import { bindShaping, type Shaping } from '../../shape/shaping.ts'
import { bindStatuses } from '../../shape/statuses.ts'
import { type BoundSteps, bindSteps, type Shaped } from '../../shape/steps.ts'
import { statusFor } from './core.ts'
import type { VersionOptions, VersionsOptions } from './schema.ts'

export interface Chain {
  /** Changes to the query, in their order; empty where there are none. */
  readonly query: readonly Change<string>[]
  readonly up: BoundSteps
  readonly down: BoundSteps
  /** Null where no later version changes answers. */
  readonly lowering: Lowering | null
  /** The status for the client; null where no version changes any. */
  readonly statusOf: ((status: number) => number) | null
  readonly reading: ReadOptions
}

export interface Lowering {
  readonly shaping: Shaping
  /** The mark of entity tags of answers to this request. */
  markOf(exchange: Exchange): string
}

const isSuccess = bindStatuses(undefined)

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
    const down = inTurn(later.map(({ down }) => down).reverse())
    const seed = ordered.slice(index + 1).map((after) => versions[after]?.response ?? null)
    return {
      query: later.flatMap(({ query }) => query),
      up: inTurn(later.map(({ up }) => up)),
      down,
      lowering: down.isEmpty ? null : bindLowering(name, down, reading, seed),
      statusOf: changesStatus ? (status: number) => statusFor(status, index, maps) : null,
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
    up: bindSteps(requestSteps, 'request'),
    down: bindSteps(responseSteps, 'answer'),
    statuses: statuses.length === 0 ? null : new Map(statuses),
  }
}

/** Values stand in the table as they are meant, and in a query encoded. */
function encodeChange(change: Change<string>): Change<string> {
  if (change.kind === 'remove' || change.kind === 'rename') return change
  return { ...change, value: encodeURIComponent(change.value.toWellFormed()) }
}

function bindLowering(
  name: string,
  steps: BoundSteps,
  read: ReadOptions,
  seed: readonly unknown[],
): Lowering {
  const mark = bindMarks(seed, steps.attributes)
  return {
    shaping: bindShaping({ read, write: {}, isChosen: isSuccess, steps }),
    markOf: (exchange) => mark(exchange, name),
  }
}

/** One value through the steps of several versions: what one gives the next one takes. */
function inTurn(all: readonly BoundSteps[]): BoundSteps {
  const steps = all.filter(({ isEmpty }) => !isEmpty)
  return {
    isEmpty: steps.length === 0,
    attributes: steps.flatMap(({ attributes }) => attributes),
    async apply(value, at): Promise<Shaped> {
      let current = value
      for (const step of steps) {
        const shaped = step.apply(current, at)
        const settled = shaped instanceof Promise ? await shaped : shaped
        if (settled.kind === 'refused') return settled
        current = settled.value
      }
      return { kind: 'shaped', value: current }
    },
  }
}

/** Turns the request into one of the newest version. */
export function raise(exchange: Exchange, chain: Chain): null | Refusal | Promise<null | Refusal> {
  const { outgoing } = exchange
  if (chain.query.length > 0) outgoing.query = changeQuery(outgoing.query, chain.query)
  return chain.up.isEmpty || outgoing.body === null ? null : raiseBody(exchange, chain)
}

async function raiseBody(exchange: Exchange, { up, reading }: Chain): Promise<null | Refusal> {
  const read = await readRequestValue(exchange, reading)
  if (read.kind !== 'value') return read.kind === 'refused' ? read : null
  const shaped = await up.apply(read.value, { exchange, now: exchange.ports.clock.now() })
  if (shaped.kind === 'refused') return shaped
  if (shaped.value === undefined) return refuse('TRANSFORM_FAILED', { reason: 'no-value' })
  return writeRequestValue(exchange, shaped.value, read.format)
}
