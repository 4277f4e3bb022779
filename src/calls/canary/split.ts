/**
 * Sends each request of a split to one of its upstreams: by a header field, by the caller's own draw, or by chance.
 * Where the new one may be left again, what both sides came to is counted for its object.
 */
import type { Handler } from '../../config/plan.ts'
import type { Answer, Exchange } from '../../pipeline/exchange.ts'
import { pickShare } from '../balance/core.ts'
import { bindHashKey } from '../balance/key.ts'
import { hashText, pickRendezvous } from '../balance/rendezvous-core.ts'
import { fails } from '../fallback/core.ts'
import type { PartLink } from '../state/bind-link.ts'
import type { SideCounts } from './core.ts'
import { countSide } from './part.ts'
import { shareAt, weightsWith } from './ramp-core.ts'
import { rampRules } from './rules.ts'
import type { SplitOptions } from './schema.ts'

/** One upstream of the list. */
export interface Side {
  readonly name: string
  readonly weight: number
  readonly handler: Handler
  /** To the object that judges it as a new one; null where none does. */
  readonly link: PartLink | null
}

export interface SplitParts {
  /** The route's name. */
  readonly route: string
  readonly sides: readonly Side[]
  readonly options: SplitOptions
}

export function bindSplit({ route, sides, options }: SplitParts): Handler {
  const fresh = sides.findIndex(({ name }) => name === options.new)
  const link = options.rollback === undefined ? null : (sides[fresh]?.link ?? null)
  const named = bindNamed(sides, options)
  const pick = bindPick(sides, options)
  const weightsAt = bindWeights(sides, fresh, options)
  const handlers = sides.map(({ handler }) => handler)
  return function split(exchange) {
    const asked = named?.(exchange) ?? null
    if (asked !== null) return (handlers[asked] as Handler)(exchange)
    const isLeft = link?.of({ exchange }).locals.canary.left.includes(route) ?? false
    const index = pick(exchange, weightsAt(exchange.startedAt, isLeft))
    const handler = handlers[index] as Handler
    if (link === null) return handler(exchange)
    return watch(exchange, { route, link, handler, side: index === fresh ? 'fresh' : 'others' })
  }
}

/** The upstream that a header field asks for; null where the table knows no such field. */
function bindNamed(
  sides: readonly Side[],
  { header }: SplitOptions,
): ((exchange: Exchange) => number | null) | null {
  if (header === undefined) return null
  const field = header.name.toLowerCase()
  const byValue = new Map(
    Object.entries(header.values).map(([value, upstream]) => [
      value,
      sides.findIndex(({ name }) => name === upstream),
    ]),
  )
  return function named({ received }) {
    const value = received[field]
    return value === undefined ? null : (byValue.get(value) ?? null)
  }
}

type Pick = (exchange: Exchange, weights: readonly number[]) => number

/** By chance and not in turn: many isolates that each see few requests still keep the shares. */
function bindPick(sides: readonly Side[], { sticky }: SplitOptions): Pick {
  const byChance: Pick = ({ ports }, weights) => pickShare(weights, ports.randomness.fraction())
  if (sticky === undefined) return byChance
  const readKey = bindHashKey(sticky.hash)
  // When the weight of one grows its own callers stay: only others come to it.
  const seeds = sides.map(({ name }) => hashText(name))
  return function pickByKey(exchange, weights) {
    const key = readKey(exchange)
    const owner = key === null ? null : pickRendezvous(weights, seeds, key)
    return owner ?? byChance(exchange, weights)
  }
}

function bindWeights(
  sides: readonly Side[],
  fresh: number,
  options: SplitOptions,
): (now: number, isLeft: boolean) => readonly number[] {
  const written = sides.map(({ weight }) => weight)
  const ramp = rampRules(options)
  const without = fresh === -1 ? written : weightsWith(written, fresh, 0)
  let last = { percent: 0, weights: without }
  return function weightsAt(now, isLeft) {
    if (isLeft) return without
    if (ramp === null) return written
    const percent = shareAt(ramp, now)
    // It changes with a step: a few times in the life of a table.
    if (percent !== last.percent) last = { percent, weights: weightsWith(written, fresh, percent) }
    return last.weights
  }
}

interface Watched {
  readonly route: string
  readonly link: PartLink
  readonly handler: Handler
  readonly side: 'fresh' | 'others'
}

async function watch(exchange: Exchange, { route, link, handler, side }: Watched): Promise<Answer> {
  const { ports, request, event } = exchange
  const told = link.of({ exchange })
  told.begin(ports, link.spec)
  const startedAt = ports.clock.now()
  const answer = await handler(exchange)
  // Of a client that left nothing is learnt.
  if (request.signal.aborted) return answer
  const failed = event.fallback !== null || fails(answer) ? 1 : 0
  const timed = failed === 0 && answer instanceof Response ? 1 : 0
  const timeMs = timed === 0 ? 0 : ports.clock.now() - startedAt
  const counts: SideCounts = { requests: 1, failed, timed, timeMs }
  countSide(told.locals.canary, route, { side, counts })
  told.refresh(ports, link.spec)
  return answer
}
