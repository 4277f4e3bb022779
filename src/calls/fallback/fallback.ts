/**
 * Answers in the place of an upstream that failed, when all of its tries are over: the entries of `fallback` in
 * order, then the failure itself. What was sent, kept or streamed of the request decides who may be asked.
 */
import type { Answer, AnswerEdit } from '../../pipeline/exchange.ts'
import type { FallbackOptions } from '../../upstreams/http/fallback-schema.ts'
import type { Call, CallOrigin, Send } from '../call.ts'
import { discard } from '../deadline/deadline.ts'
import type { BindStep, CallScope } from '../order.ts'
import { DEFAULT_BODY_LIMIT_BYTES, makeReplayable } from '../retry/replay.ts'
import { adopt, beginTry } from '../retry/try.ts'
import { fails, type Passed } from './core.ts'
import { bindOther } from './other.ts'

/** What became of the first call, for the entries. */
export interface Failed {
  /** As its client asked for it. */
  readonly call: Call
  readonly origin: CallOrigin
  /** The call that failed: its body is bytes where something had to hold it. */
  readonly one: Call
  readonly answer: Answer
  readonly startedAt: number
  /** Whether anything of it went to the network. */
  readonly wasTried: boolean
}

/** An answer with the edits that it asks for itself, or why there is none. */
export type Found =
  | { readonly answer: Response; readonly name: string; readonly edits: readonly AnswerEdit[] }
  | Passed

export type Entry = (failed: Failed) => Promise<Found> | Found

export const bindFallback: BindStep = (scope) => {
  const { fallback, retry } = scope.options
  if (fallback === undefined) return null
  const entries = fallback.map((entry) => bindEntry(entry, scope))
  const keepBytes = fallback.some((entry) => 'upstream' in entry)
    ? (retry?.bodyLimitBytes ?? DEFAULT_BODY_LIMIT_BYTES)
    : null
  return (next) =>
    function fallback(call) {
      const { origin } = call
      // A mirrored copy answers nobody.
      if (origin === undefined) return next(call)
      return run(call, origin, { entries, keepBytes, next })
    }
}

interface Bound {
  readonly entries: readonly Entry[]
  /** How much of a body is held for another upstream; null where none is asked. */
  readonly keepBytes: number | null
  readonly next: Send
}

async function run(
  call: Call,
  origin: CallOrigin,
  { entries, keepBytes, next }: Bound,
): Promise<Answer> {
  const { event, ports, request } = call.exchange
  const startedAt = ports.clock.now()
  const { tries } = event
  // What a failed call changes is its own, and goes no further.
  const one: Call = { ...beginTry(call), origin }
  if (keepBytes !== null && one.body !== null) await makeReplayable(one, keepBytes)
  const answer = await next(one)
  if (!fails(answer)) return use(call, one, answer)
  const failed = { call, origin, one, answer, startedAt, wasTried: event.tries > tries }
  const { breaker } = event
  let passed: Passed | null = null
  for (const entry of entries) {
    // Nobody waits for it any more: of the whole request, or of this call among several.
    if (request.signal.aborted || call.signal?.aborted) return answer
    const found = await entry(failed)
    if (typeof found !== 'string') {
      discard(answer)
      event.fallback = found.name
      call.edits.push(...found.edits, ...marks(found.name))
      return found.answer
    }
    passed = found
  }
  event.upstream = call.upstream
  event.breaker = breaker
  event.fallback = `none:${passed}`
  return use(call, one, answer)
}

function use(call: Call, one: Call, answer: Answer): Answer {
  call.body = one.body
  adopt(call, one)
  return answer
}

/** Nobody may keep it: the service's own answer is wanted as soon as there is one (RFC 9111 §5.2.2.5, RFC 9213). */
function marks(name: string): readonly AnswerEdit[] {
  return [
    { kind: 'set', name: 'isogate-fallback', value: name },
    { kind: 'set', name: 'cache-control', value: 'no-store' },
    { kind: 'remove', name: 'cdn-cache-control' },
    { kind: 'remove', name: 'cloudflare-cdn-cache-control' },
    { kind: 'remove', name: 'surrogate-control' },
  ]
}

function bindEntry(entry: FallbackOptions[number], scope: CallScope): Entry {
  if ('stale' in entry) {
    return function answerStale({ call }) {
      // Only the policy `cache` knows of one, and only while it asks about it.
      const answer = call.exchange.staleAnswer?.() ?? null
      return answer === null ? 'stale' : { answer, name: 'stale', edits: [] }
    }
  }
  if ('upstream' in entry) return bindOther(entry, scope)
  const respond = scope.bindRespond(entry.respond)
  return async function answerFixed({ call }) {
    const answer = await respond(call.exchange)
    return answer instanceof Response ? { answer, name: 'respond', edits: [] } : 'failed'
  }
}
