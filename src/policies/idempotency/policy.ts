/**
 * `idempotency`: a request with a key runs once (draft-ietf-httpapi-idempotency-key-header). What follows under the
 * key has the first answer again. It runs to its end when its client leaves: that is when keys are needed.
 */
import type { Refusal } from '../../errors/refusal.ts'
import type { Answer, Exchange } from '../../pipeline/exchange.ts'
import type { BindContext, Next, PolicyDefinition, Wrap } from '../../pipeline/policy.ts'
import { drainHash, readHash, watchHash } from './body-hash.ts'
import {
  bodyBroken,
  keyInvalid,
  keyMissing,
  meaningOf,
  placeOf,
  readKey,
  refusalOf,
  storeUnavailable,
  targetHash,
} from './core.ts'
import { type Held, type HoldReply, type HoldRules, takeHold } from './hold.ts'
import { answerAgain, keepAnswer } from './keep-answer.ts'
import type { IdempotencyOptions } from './schema.ts'

export const definition: PolicyDefinition<IdempotencyOptions> = {
  use: 'idempotency',
  stage: 'reuse',
  arity: 'one',
  summary: 'Runs a request with a key once, and gives its answer again.',
  bind: bindIdempotency,
}

const DEFAULT_TTL_SECONDS = 86_400 // A day: ROUTES.md §5; clients that retry for longer make a new key.
const DEFAULT_MAX_BODY_BYTES = 262_144
const DEFAULT_STORE_TIMEOUT_MS = 1_000 // ROUTES.md §1.
const DEFAULT_SALT = 'isogate' // As for buckets: the same for all isolates and builds.

interface Bound {
  readonly name: string
  readonly route: string
  readonly salt: string
  readonly maxBodyBytes: number
  readonly isFaultAllowed: boolean
  readonly rules: HoldRules
}

function bindIdempotency(options: IdempotencyOptions, context: BindContext): Wrap {
  const header = (options.header ?? 'idempotency-key').toLowerCase()
  const methods = new Set(options.methods ?? ['POST', 'PATCH'])
  const isRequired = options.required ?? false
  const { name, route } = context
  const bound: Bound = {
    name,
    route,
    salt: context.environment.salt ?? DEFAULT_SALT,
    maxBodyBytes: options.maxBodyBytes ?? DEFAULT_MAX_BODY_BYTES,
    isFaultAllowed: options.onStoreFault === 'allow',
    rules: {
      ttlMs: (options.ttlSeconds ?? DEFAULT_TTL_SECONDS) * 1_000,
      onUnknown: options.onUnknown ?? 'free',
      storeTimeoutMs: options.storeTimeoutMs ?? DEFAULT_STORE_TIMEOUT_MS,
    },
  }

  /** The key of a request that takes one; a refusal, or null where it runs like any other. */
  function keyOf({ method, received }: Exchange): string | Refusal | null {
    if (!methods.has(method)) return null
    const read = readKey(received[header])
    switch (read.kind) {
      case 'key':
        return read.key
      case 'invalid':
        return keyInvalid
      case 'absent':
        return isRequired ? keyMissing : null
    }
  }

  return {
    kind: 'wrap',
    around: function idempotency(exchange, next) {
      const key = keyOf(exchange)
      if (key === null) return next(exchange)
      if (typeof key !== 'string') return refused(exchange, name, key)
      const work = once(exchange, next, key, bound)
      // Against decision 0001 on purpose: the call goes on when its client leaves, which comes back with the key.
      exchange.ports.defer(work.catch(() => {}))
      return work
    },
    shadow: function watchIdempotency(exchange, next) {
      const key = keyOf(exchange)
      if (key === null) {
        exchange.event.policies[name] = 'would-pass'
        return next(exchange)
      }
      if (typeof key === 'string') return watch(exchange, next, key, bound)
      exchange.event.policies[name] = 'would-refuse'
      return next(exchange)
    },
  }
}

async function once(exchange: Exchange, next: Next, key: string, bound: Bound): Promise<Answer> {
  const { policies } = exchange.event
  const { name } = bound
  const { reply, bodyHash } = await ask(exchange, key, bound)
  switch (reply.kind) {
    case 'held':
      policies[name] = 'passed'
      return run(exchange, next, { held: reply, bodyHash, bound })
    case 'answered':
      policies[name] = 'replayed'
      return answerAgain(reply.answer)
    case 'fault':
      if (bound.isFaultAllowed) {
        policies[name] = 'passed:store-unavailable'
        return next(exchange)
      }
      return refused(exchange, name, storeUnavailable)
    case 'which-body':
      // The body broke off while it was read for its hash.
      return refused(exchange, name, bodyBroken)
    default:
      return refused(exchange, name, refusalOf(reply))
  }
}

function refused(exchange: Exchange, name: string, refusal: Refusal): Refusal {
  exchange.event.policies[name] =
    refusal.reason === undefined ? 'refused' : `refused:${refusal.reason}`
  return refusal
}

interface Asked {
  readonly reply: HoldReply
  /** Null where it is not known before the body went on. */
  readonly bodyHash: string | null
}

async function ask(exchange: Exchange, key: string, { route, salt, rules }: Bound): Promise<Asked> {
  const place = placeOf(key, exchange, { route, salt })
  const target = targetHash(exchange)
  const { ports } = exchange
  const body = await readHash(exchange)
  const reply = await takeHold(ports, place, { target, body }, rules)
  if (reply.kind !== 'which-body') return { reply, bodyHash: body }
  const whole = await drainHash(exchange)
  if (whole === null) return { reply, bodyHash: null }
  const second = await takeHold(ports, place, { target, body: whole }, rules)
  // The key became free meanwhile, and the body is gone: the client has to send it again.
  if (second.kind !== 'held') return { reply: second, bodyHash: whole }
  await second.end({ kind: 'free' }, null)
  return { reply: { kind: 'running' }, bodyHash: whole }
}

interface Run {
  readonly held: Held
  readonly bodyHash: string | null
  readonly bound: Bound
}

async function run(
  exchange: Exchange,
  next: Next,
  { held, bodyHash, bound }: Run,
): Promise<Answer> {
  const { event, ports } = exchange
  const { maxBodyBytes, name, rules } = bound
  const hashOf = bodyHash === null ? watchHash(exchange) : () => bodyHash
  async function end(ending: Parameters<Held['end']>[0]): Promise<void> {
    const isTaken = await held.end(ending, hashOf())
    if (!isTaken) event.policies[name] = 'passed:not-stored'
  }
  const { onUnknown } = rules
  const doubt = { kind: onUnknown === 'keep' ? 'unknown' : 'free' } as const
  exchange.isRepeatSafe = true
  let answer: Answer
  try {
    answer = await next(exchange)
  } catch (error) {
    // A bug; how far it came is not known.
    await end(doubt)
    throw error
  }
  const meaning = meaningOf(answer, { fallback: event.fallback, onUnknown })
  if (meaning !== 'final') {
    await end({ kind: meaning })
    return answer
  }
  // What was refused is never final.
  if (!(answer instanceof Response)) return answer
  return keepAnswer(answer, {
    ports,
    maxBodyBytes,
    end: (ending) => end(ending.kind === 'unknown' ? doubt : ending),
  })
}

/** Asks under another name, so that nothing of it is ever answered, and lets pass whatever it hears. */
async function watch(exchange: Exchange, next: Next, key: string, bound: Bound): Promise<Answer> {
  const { event, ports } = exchange
  let held: Held | null = null
  try {
    const place = placeOf(key, exchange, { route: `shadow ${bound.route}`, salt: bound.salt })
    const fingerprint = { target: targetHash(exchange), body: await readHash(exchange) }
    const reply = await takeHold(ports, place, fingerprint, bound.rules)
    event.policies[bound.name] = wouldDo(reply)
    if (reply.kind === 'held') held = reply
  } catch {
    event.policies[bound.name] = 'failed'
  }
  let answer: Answer
  try {
    answer = await next(exchange)
  } catch (error) {
    if (held !== null) ports.defer(held.end({ kind: 'free' }, null))
    throw error
  }
  const { onUnknown } = bound.rules
  const isFinal = meaningOf(answer, { fallback: event.fallback, onUnknown }) === 'final'
  const status = answer instanceof Response ? answer.status : 0
  // The status is all that is kept: a later request would have been answered.
  if (held !== null) {
    ports.defer(held.end(isFinal ? { kind: 'not-kept', status } : { kind: 'free' }, null))
  }
  return answer
}

function wouldDo({ kind }: HoldReply): string {
  switch (kind) {
    case 'held':
      return 'would-pass'
    case 'answered':
    case 'not-kept':
    case 'which-body':
      return 'would-replay'
    case 'fault':
      return 'failed'
    case 'running':
    case 'reused':
    case 'unknown':
    case 'full':
      return 'would-refuse'
  }
}
