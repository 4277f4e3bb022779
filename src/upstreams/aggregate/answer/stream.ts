/**
 * An aggregate that is sent part by part, required ones first. What is ready and not yet taken waits as text: no more
 * than the parts themselves, which `maxBodyBytes` and `maxItems` bound. A client that leaves calls the run off.
 */
import { type Refusal, refuse } from '../../../errors/refusal.ts'
import { originOf, problemOf } from '../../../http/problem.ts'
import type { Answer, Exchange } from '../../../pipeline/exchange.ts'
import type { Part, Single } from '../part.ts'
import type { AggregatePlan, PlannedCall } from '../plan/plan.ts'
import type { Run, RunEnd } from '../run/run.ts'
import { LineQueue } from './line-queue.ts'
import { contentTypes, endJson, frame, HEARTBEAT, partJson, type StreamForm } from './lines.ts'
import type { Merge } from './merge.ts'
import { errorsOf, fallbacksOf } from './part-text.ts'
import { type ErrorEntry, errorEntry, refusalOf } from './problem.ts'

// Proxies and load balancers in front close what is silent for a minute, some for 30 s.
const HEARTBEAT_MS = 15_000

interface StreamSetting {
  readonly plan: AggregatePlan
  readonly form: StreamForm
  /** The defaults of all calls as JSON. */
  readonly fallbacks: readonly string[]
}

/** Answers with the parts as they come. Status and fields leave with the first part that decides them. */
export function bindStream(
  plan: AggregatePlan,
  form: StreamForm,
  { cookies }: Pick<Merge, 'cookies'>,
): (exchange: Exchange, run: Run) => Promise<Answer> {
  const setting: StreamSetting = { plan, form, fallbacks: fallbacksOf(plan) }
  return async function answerStream(exchange, run) {
    const stream = new PartStream(exchange, run, setting)
    const refusal = await stream.opened
    if (refusal !== null) return refusal
    const headers = new Headers({
      'content-type': contentTypes[form],
      'cache-control': 'no-store',
    })
    for (const cookie of cookies(stream.parts)) headers.append('set-cookie', cookie)
    if (exchange.method !== 'HEAD') return new Response(stream.body(), { headers })
    // The status is known, and nothing of what the other calls give would be sent.
    run.cancel()
    return new Response(null, { headers })
  }
}

const encoder = new TextEncoder()

class PartStream {
  /** Settles with the first part that decides the status: null, or the problem of a required call that failed first. */
  readonly opened: Promise<Refusal | null>
  readonly #open: (refusal: Refusal | null) => void
  readonly #break: (bug: unknown) => void
  readonly #setting: StreamSetting
  readonly #exchange: Exchange
  readonly #run: Run
  readonly #origin: string
  /** Ready to be taken. */
  readonly #out: LineQueue
  /** Of optional calls, while a required one is missing. */
  #held: string[] = []
  /** The items that were told of, by call. */
  readonly #told = new Map<number, Set<number>>()
  /** Of the calls that are over, in their places. */
  readonly parts: (Part | undefined)[]
  #required = 0
  readonly #hasRequired: boolean
  readonly #errors: ErrorEntry[] = []
  #isOpen = false
  #isEnded = false
  /** The stream was canceled: it is closed already. */
  #isLeft = false
  #bug: { readonly error: unknown } | null = null

  constructor(exchange: Exchange, run: Run, setting: StreamSetting) {
    const { promise, resolve, reject } = Promise.withResolvers<Refusal | null>()
    this.opened = promise
    this.#open = resolve
    this.#break = reject
    this.#exchange = exchange
    this.#run = run
    this.#setting = setting
    this.#origin = originOf(exchange.target)
    const heartbeat = setting.form === 'sse' ? { line: HEARTBEAT, everyMs: HEARTBEAT_MS } : null
    this.#out = new LineQueue(exchange.ports.timers, heartbeat)
    const { calls } = setting.plan
    this.parts = calls.map(() => undefined)
    for (const call of calls) if (call.required) this.#required += 1
    this.#hasRequired = this.#required > 0
    run.onItem = (at, item, single) => this.#takeItem(at, item, single)
    for (const { index } of calls) run.part(index).then((part) => this.#take(index, part), ignore)
    run.done.then(
      (end) => this.#end(end),
      (error) => this.#fail(error),
    )
  }

  /** The body: made to be read once `opened` gave null. */
  body(): ReadableStream<Uint8Array> {
    const { signal } = this.#exchange.request
    const leave = () => this.#leave()
    signal.addEventListener('abort', leave, { once: true })
    return new ReadableStream<Uint8Array>(
      {
        pull: async (controller) => {
          await this.#pull(controller)
          if (this.#out.isOver) signal.removeEventListener('abort', leave)
        },
        cancel: () => {
          this.#isLeft = true
          signal.removeEventListener('abort', leave)
          this.#leave()
        },
      },
      // Nothing is made before it is asked for.
      { highWaterMark: 0 },
    )
  }

  #take(at: number, part: Part): void {
    const call = this.#callAt(at)
    if (this.parts[at] !== undefined || this.#isEnded) return
    if (part.kind === 'list') {
      for (const [item, single] of part.parts.entries()) this.#takeItem(at, item, single)
      if (part.cut !== null) {
        this.#errors.push(errorEntry(call.name, null, part.cut, this.#origin))
      }
    } else this.#write(call, null, part)
    this.parts[at] = part
    // What a required call lacks is told by the end of the run.
    if (!call.required || lacks(part)) return
    this.#required -= 1
    this.#reveal()
    if (this.#required > 0) return
    this.#out.push(...this.#held)
    this.#held = []
  }

  #takeItem(at: number, item: number, single: Single): void {
    if (this.parts[at] !== undefined || this.#isEnded) return
    const told = this.#told.get(at) ?? new Set()
    if (told.has(item)) return
    this.#told.set(at, told.add(item))
    this.#write(this.#callAt(at), item, single)
  }

  #write(call: PlannedCall, index: number | null, single: Single): void {
    if (single.kind === 'failed') {
      if (call.required) return
      this.#errors.push(errorEntry(call.name, index, single, this.#origin))
    }
    const { form, fallbacks } = this.#setting
    const fallback = fallbacks[call.index] ?? 'null'
    const json = partJson(single, { call, index, fallback, origin: this.#origin })
    const line = frame(form, 'part', json)
    if (!call.required && this.#required > 0) {
      this.#held.push(line)
      return
    }
    this.#out.push(line)
    if (call.required || !this.#hasRequired) this.#reveal()
  }

  #end(end: RunEnd): void {
    if (this.#isEnded) return
    if (end.kind === 'lacking') {
      const { name } = end.call
      this.#stop(refusalOf(name, end.failed), errorEntry(name, null, end.failed, this.#origin))
      return
    }
    end.parts.forEach((part, at) => {
      this.#take(at, part)
    })
    const { plan, form } = this.#setting
    const errors = errorsOf(plan, end.parts, this.#origin)
    this.#out.push(...this.#held, frame(form, 'end', endJson(errors, errors.length === 0)))
    this.#isEnded = true
    this.#out.close()
    this.#reveal()
  }

  /** The problem in the place of the parts that are missing, and the end. */
  #stop(refusal: Refusal, entry: ErrorEntry | null): void {
    this.#isEnded = true
    if (!this.#isOpen) {
      this.#open(refusal)
      return
    }
    const { form } = this.#setting
    const { id, route } = this.#exchange
    const context = { origin: this.#origin, instance: id, route: route?.name ?? null }
    const problem = JSON.stringify({ error: problemOf(refusal, context) })
    const errors = entry === null ? this.#errors : [...this.#errors, entry]
    this.#out.push(frame(form, 'problem', problem), frame(form, 'end', endJson(errors, false)))
    this.#out.close()
    this.#held = []
    this.#run.cancel()
  }

  /** A bug: the request's 500, or, where the answer has begun, a problem and a connection that breaks. */
  #fail(error: unknown): void {
    if (this.#isEnded) return
    if (!this.#isOpen) this.#break(error)
    else this.#bug = { error }
    this.#stop(refuse('INTERNAL_ERROR'), null)
  }

  #reveal(): void {
    if (this.#isOpen) return
    this.#isOpen = true
    this.#open(null)
  }

  async #pull(controller: ReadableStreamDefaultController<Uint8Array>): Promise<void> {
    const text = await this.#out.take()
    if (text !== '') {
      controller.enqueue(encoder.encode(text))
      if (this.#bug !== null) return
    }
    if (!this.#isEnded || this.#isLeft) return
    if (this.#bug === null) controller.close()
    else controller.error(this.#bug.error)
  }

  #leave(): void {
    if (!this.#isEnded) this.#run.cancel()
    this.#isEnded = true
    this.#out.clear()
    this.#out.close()
    this.#held = []
  }

  #callAt(at: number): PlannedCall {
    return this.#setting.plan.calls[at] as PlannedCall
  }
}

/** What makes a required call fail; a list that was cut has all that it was called for. */
function lacks(part: Part): boolean {
  return part.kind === 'list'
    ? part.parts.some((single) => single.kind === 'failed')
    : part.kind === 'failed'
}

function ignore(): void {}
