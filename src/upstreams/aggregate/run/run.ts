/**
 * Runs the calls of an aggregate: each begins when what it waits for is over. The first required failure calls the rest
 * off, and so does a client that left. What a call does is its own: this knows when, and for how long.
 */
import { catalogue } from '../../../errors/catalogue.ts'
import type { Exchange } from '../../../pipeline/exchange.ts'
import { type Failed, failureOf, type Part, type Single, type Values } from '../part.ts'
import type { AggregatePlan, PlannedCall } from '../plan/plan.ts'
import { CallOff } from './call-off.ts'
import { Shots } from './shots.ts'
import { type Slots, slotsFor } from './slots.ts'

export type RunEnd =
  /** All calls are over: their parts, in the order of the table. */
  | { readonly kind: 'complete'; readonly parts: readonly Part[] }
  /** A required call failed, or the client left (`CLIENT_CLOSED`): the others were called off. */
  | { readonly kind: 'lacking'; readonly call: PlannedCall; readonly failed: Failed }

export interface Run {
  /** What one call came to; never, where it was called off. */
  part(index: number): Promise<Part>
  /**
   * Is told of each item of a call with `forEach` as it is over, for answers that stream; set before anything can be.
   * An item that nobody was told of comes with its list.
   */
  onItem?: (call: number, item: number, single: Single) => void
  /** Rejects for a bug alone: the request's 500. */
  readonly done: Promise<RunEnd>
  /** Calls off all that is not over: nothing of this request runs on. */
  cancel(): void
}

/** What a call is run with. */
export interface CallRun {
  /** Of the whole request: what is written for one call goes to a copy of it. */
  readonly exchange: Exchange
  readonly slots: Slots
  /** When the time of the whole is over, milliseconds since 1970; null for no limit. */
  readonly endsAt: number | null
  /** Says when the call is called off; with a signal for what is sent. */
  readonly callOff: CallOff
  /** The requests of all calls. */
  readonly shots: Shots
  /** With `forEach`: is told of each item as it is over. */
  readonly onItem?: (item: number, single: Single) => void
}

/** A call that is ready to be run, once for each request. It rejects for bugs alone. */
export interface RunnableCall {
  run(values: Values, run: CallRun): Promise<Part>
}

/** A call that is over, as those after it see it. */
export interface SeenPart {
  readonly call: PlannedCall
  readonly part: Part
}

export interface RunContext {
  readonly exchange: Exchange
  readonly endsAt: number | null
  /** What templates and expressions see of the calls before them. */
  makeValues(seen: readonly SeenPart[]): Values
}

export function startRun(
  { calls, begins }: AggregatePlan,
  runnable: readonly RunnableCall[],
  context: RunContext,
): Run {
  const { exchange, endsAt } = context
  const callOff = new CallOff()
  const shots = new Shots(exchange, callOff)
  const pool = slotsFor(exchange)
  const parts: (Part | undefined)[] = calls.map(() => undefined)
  const missing = calls.map(({ waitsFor }) => waitsFor.length)
  const asked: (((part: Part) => void) | undefined)[] = []
  const told: (Promise<Part> | undefined)[] = []
  let open = calls.length
  let isOver = false
  let resolve: (end: RunEnd) => void = unset
  let reject: (bug: unknown) => void = unset
  const done = new Promise<RunEnd>((resolveDone, rejectDone) => {
    resolve = resolveDone
    reject = rejectDone
  })

  function begin(call: PlannedCall): void {
    const { index } = call
    const seen = call.sees.map((at) => ({ call: calls[at]!, part: parts[at]! }))
    const own: CallRun = {
      exchange,
      slots: pool.of(index),
      endsAt,
      callOff,
      shots,
      ...(call.spec.forEach !== undefined && {
        onItem: (item: number, single: Single) => {
          if (!isOver) run.onItem?.(index, item, single)
        },
      }),
    }
    runnable[index]!.run(context.makeValues(seen), own).then((part) => {
      try {
        settle(call, part)
      } catch (bug) {
        stop(bug)
      }
    }, stop)
  }

  function settle(call: PlannedCall, part: Part): void {
    if (isOver) return
    const failed = call.required ? failureOf(part) : null
    if (failed !== null) {
      end()
      resolve({ kind: 'lacking', call, failed })
      return
    }
    parts[call.index] = part
    asked[call.index]?.(part)
    open -= 1
    if (open === 0) {
      isOver = true
      resolve({ kind: 'complete', parts: parts as readonly Part[] })
      return
    }
    for (const next of call.leadsTo) {
      missing[next] = missing[next]! - 1
      if (missing[next] === 0) begin(calls[next]!)
    }
  }

  /** A bug in one call is the bug of the request: nothing of it runs on. */
  function stop(bug: unknown): void {
    if (isOver) return
    end()
    // Whoever looks later still sees it; nobody has to.
    done.catch(() => {})
    reject(bug)
  }

  function end(): void {
    isOver = true
    pool.close()
    callOff.now()
  }

  const run: Run = {
    done,
    part(index) {
      const part = parts[index]
      if (part !== undefined) return Promise.resolve(part)
      told[index] ??= new Promise((resolvePart) => {
        asked[index] = resolvePart
      })
      return told[index]
    },
    cancel() {
      if (isOver) return
      const call = calls.find(({ index }) => parts[index] === undefined) as PlannedCall
      end()
      resolve({ kind: 'lacking', call, failed: closed() })
    },
  }
  for (const index of begins) begin(calls[index]!)
  return run
}

function unset(): void {}

/** Nobody waits for the answer any more. */
function closed(): Failed {
  const { status, title } = catalogue.CLIENT_CLOSED
  return {
    kind: 'failed',
    status,
    code: 'CLIENT_CLOSED',
    title,
    retryAfter: null,
    headers: null,
    value: null,
    default: null,
  }
}
