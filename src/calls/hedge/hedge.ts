/**
 * Sends a slow call once more, to another target where there is one, and takes the first good answer; the others
 * are called off. Only what may be repeated is sent twice, and each copy counts against the retry budget.
 */
import type { Answer } from '../../pipeline/exchange.ts'
import type { Call, Send } from '../call.ts'
import { isFailed, readTry } from '../classify.ts'
import { discard } from '../deadline/deadline.ts'
import type { BindStep } from '../order.ts'
import { type Budget, bindBudget } from '../retry/budget.ts'
import { mayRepeat } from '../retry/core.ts'
import { DEFAULT_BODY_LIMIT_BYTES, makeReplayable } from '../retry/replay.ts'
import { adopt, beginTry } from '../retry/try.ts'

interface Bound {
  readonly afterMs: number
  readonly max: number
  readonly budget: Budget
  readonly bodyLimitBytes: number
  readonly nonIdempotent: boolean
  readonly next: Send
}

export const bindHedge: BindStep = (scope) => {
  const { hedge, retry } = scope.options
  if (hedge === undefined) return null
  const options = {
    afterMs: hedge.afterMs,
    max: hedge.max ?? 1,
    budget: bindBudget(scope),
    bodyLimitBytes: retry?.bodyLimitBytes ?? DEFAULT_BODY_LIMIT_BYTES,
    nonIdempotent: retry?.nonIdempotent ?? false,
  }
  return (next) => {
    const bound: Bound = { ...options, next }
    return async function hedge(call) {
      bound.budget.begin(call)
      const isRepeatable = bound.nonIdempotent || mayRepeat(call)
      if (!isRepeatable || !(await makeReplayable(call, bound.bodyLimitBytes))) return next(call)
      return race(call, bound)
    }
  }
}

/** One of the calls that race. */
interface Runner {
  readonly call: Call
  readonly controller: AbortController
}

async function race(call: Call, bound: Bound): Promise<Answer> {
  const { event, ports } = call.exchange
  const { clock } = ports
  call.tried ??= new Set()
  const startedAt = clock.now()
  const before = event.upstreamMs
  const { runner, answer } = await firstGood(call, bound)
  // They waited at the same time: what each of them counted is not the time that passed.
  event.upstreamMs = before + (clock.now() - startedAt)
  adopt(call, runner.call)
  return answer
}

interface Finish {
  readonly runner: Runner
  readonly answer: Answer
}

/** The first good answer; where none is good the last that came. */
function firstGood(call: Call, bound: Bound): Promise<Finish> {
  const { clock } = call.exchange.ports
  const runners: Runner[] = []
  return new Promise((resolve, reject) => {
    let open = 0
    let isDone = false
    let timer: ReturnType<typeof setTimeout> | null = null

    function end(): void {
      isDone = true
      if (timer !== null) clearTimeout(timer)
    }
    function start(): void {
      const runner = beginRunner(call)
      runners.push(runner)
      open += 1
      bound.next(runner.call).then(
        (answer) => finish({ runner, answer }),
        (error) => {
          // A bug: with the others it goes the same way.
          if (!isDone) reject(error)
          end()
        },
      )
      // Asked of the budget only when it is time: most calls answer before.
      if (runners.length <= bound.max) timer = setTimeout(sendAnother, bound.afterMs)
    }
    function sendAnother(): void {
      timer = null
      const isLate = call.endsAt !== null && clock.now() >= call.endsAt
      // A copy that has to wait for other calls of the request would be no faster than the first.
      const isHeld = call.exchange.ports.network.isFull === true
      if (!isDone && !isLate && !isHeld && bound.budget.take(call)) start()
    }
    function finish(ended: Finish): void {
      open -= 1
      const isUsed = !isDone && (open === 0 || isGood(ended.answer, clock.now()))
      if (!isUsed) {
        discard(ended.answer)
        return
      }
      end()
      callOff(runners, ended.runner)
      resolve(ended)
    }
    // Nobody waits for any of them then.
    call.onExpiry?.push(() => {
      end()
      callOff(runners, null)
    })
    start()
  })
}

function callOff(runners: readonly Runner[], used: Runner | null): void {
  for (const runner of runners) if (runner !== used) runner.controller.abort()
}

function beginRunner(call: Call): Runner {
  const controller = new AbortController()
  const own = controller.signal
  // The whole call may be called off too.
  const signal = call.signal === null ? own : AbortSignal.any([call.signal, own])
  return { call: beginTry(call, signal), controller }
}

function isGood(answer: Answer, now: number): boolean {
  const result = readTry(answer, now)
  return result !== null && !isFailed(result)
}
