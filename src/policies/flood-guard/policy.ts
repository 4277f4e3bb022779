/** `flood-guard`: refuses addresses that send too much, before it is asked who is calling. Approximate: per isolate. */
import type { RateShape } from '../../buckets/shape.ts'
import { type Refusal, refuse } from '../../errors/refusal.ts'
import type { Exchange } from '../../pipeline/exchange.ts'
import {
  type BindContext,
  type Gate,
  type PolicyDefinition,
  passed,
  type Verdict,
} from '../../pipeline/policy.ts'
import { beginCount, countRequest, type FloodCount, floodKey, forgottenAt } from './core.ts'
import type { FloodGuardOptions } from './schema.ts'

export const definition: PolicyDefinition<FloodGuardOptions> = {
  use: 'flood-guard',
  stage: 'admit',
  arity: 'one',
  summary: 'Refuses addresses that send too much, before identity; approximate.',
  bind: bindFloodGuard,
}

/** The binding that is used where a table names none and the Worker has it. */
const DEFAULT_BINDING = 'FLOOD_GUARD'

// An address takes some 300 bytes: 6 MB of an isolate's 128. Who floods from more addresses than that is met by
// limits and by the network in front; the address that was quiet longest is forgotten first.
const MAX_ADDRESSES = 20_000

// A binding tells no time. Its shortest period is 10 s, so that a second is never long after truth.
const BINDING_RETRY_MS = 1_000

function bindFloodGuard(options: FloodGuardOptions, context: BindContext): Gate {
  const { limit, windowSeconds, burst = limit } = options
  const shape: RateShape = { kind: 'rate', limit, windowMs: windowSeconds * 1000, burst }
  const binding = bindBinding(options, context)
  const { id } = context
  return {
    kind: 'gate',
    judge: function floodGuard(exchange) {
      const key = floodKey(exchange.client.address)
      const waitMs = count(exchange, `${id}/${key}`, shape)
      if (waitMs > 0) return limited(waitMs)
      return binding === null ? passed : ask(exchange, binding, `${id}/${key}`)
    },
  }
}

function count({ ports, startedAt }: Exchange, key: string, shape: RateShape): number {
  const memory = ports.memories.of<FloodCount>('flood-guard:addresses', MAX_ADDRESSES)
  const known = memory.get(key, startedAt) ?? beginCount(shape, startedAt)
  const waitMs = countRequest(known, shape, startedAt)
  memory.set(key, known, forgottenAt(shape, startedAt))
  return waitMs
}

/** The platform counts per location. It is there to help: where it fails, the own count alone decides. */
async function ask({ ports }: Exchange, binding: string, key: string): Promise<Verdict> {
  try {
    return (await ports.floods.allows(binding, key)) ? passed : limited(BINDING_RETRY_MS)
  } catch {
    return passed
  }
}

function limited(waitMs: number): Refusal {
  return refuse('FLOOD_LIMITED', {
    headers: { 'retry-after': String(Math.max(1, Math.ceil(waitMs / 1000))) },
  })
}

function bindBinding({ binding }: FloodGuardOptions, context: BindContext): string | null {
  const name = binding ?? DEFAULT_BINDING
  if (context.environment.rateLimiter?.(name) === true) return name
  if (binding !== undefined) {
    context.missing(`${context.pointer}/binding`, 'RATE_LIMITER_MISSING', binding)
  }
  return null
}
