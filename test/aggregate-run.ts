/** A run of an aggregate that a test drives: parts come when it says so, and it sees whether the run was called off. */

import type { Answered, Failed, Part, Single } from '../src/upstreams/aggregate/part.ts'
import type { AggregatePlan, PlannedCall } from '../src/upstreams/aggregate/plan/plan.ts'
import type { Run, RunEnd } from '../src/upstreams/aggregate/run/run.ts'
import type { AggregateOptions, CallSpec } from '../src/upstreams/aggregate/schema.ts'
import { fields } from './exchange.ts'

export interface Planning {
  readonly options: AggregateOptions
  readonly plan: AggregatePlan
}

/** Calls that wait for nobody; what the plan says of the request is given, since nothing parses it here. */
export function planOf(
  calls: Readonly<Record<string, Partial<CallSpec>>>,
  more: Omit<Partial<AggregateOptions>, 'calls'> & { readonly reads?: readonly string[] } = {},
): Planning {
  const { reads = [], ...options } = more
  const specs = Object.entries(calls).map(
    ([name, spec]) => [name, { upstream: name, path: '/', ...spec }] as const,
  )
  const planned = specs.map(
    ([name, spec], index): PlannedCall => ({
      name,
      index,
      spec,
      waitsFor: [],
      leadsTo: [],
      sees: [],
      rank: 1,
      required: spec.required ?? false,
      isUsed: true,
      showsFields: true,
    }),
  )
  const names = new Map(
    specs.map(([name, { forEach }]) => [name, { isList: forEach !== undefined }]),
  )
  const attributes = reads.map((name) => ({ name, path: [] }))
  return {
    options: { calls: Object.fromEntries(specs), ...options },
    plan: { calls: planned, begins: planned.map(({ index }) => index), names, attributes },
  }
}

export class DrivenRun implements Run {
  readonly done: Promise<RunEnd>
  onItem?: (call: number, item: number, single: Single) => void
  isCanceled = false
  readonly #plan: AggregatePlan
  readonly #parts: PromiseWithResolvers<Part>[]
  readonly #over: (Part | undefined)[]
  readonly #end = Promise.withResolvers<RunEnd>()

  constructor(plan: AggregatePlan) {
    this.#plan = plan
    this.#parts = plan.calls.map(() => Promise.withResolvers<Part>())
    this.#over = plan.calls.map(() => undefined)
    this.done = this.#end.promise
  }

  part(index: number): Promise<Part> {
    return this.#parts[index]!.promise
  }

  cancel(): void {
    this.isCanceled = true
  }

  /** The call is over; the run is, too, where it was the last, or a required one that failed. */
  give(name: string, part: Part): void {
    const call = this.#plan.calls.find((one) => one.name === name)!
    this.#over[call.index] = part
    this.#parts[call.index]!.resolve(part)
    const failed = (part.kind === 'list' ? part.parts : [part]).find(isFailed)
    if (call.required && failed !== undefined) this.#end.resolve({ kind: 'lacking', call, failed })
    else if (this.#over.every((one) => one !== undefined)) {
      this.#end.resolve({ kind: 'complete', parts: [...this.#over] as Part[] })
    }
  }

  giveItem(name: string, item: number, single: Single): void {
    const call = this.#plan.calls.find((one) => one.name === name)!
    this.onItem?.(call.index, item, single)
  }

  fail(bug: unknown): void {
    this.#end.reject(bug)
  }
}

/** A run that is over: parts by name, in any order. */
export function runOf(plan: AggregatePlan, parts: Readonly<Record<string, Part>>): DrivenRun {
  const run = new DrivenRun(plan)
  for (const [name, part] of Object.entries(parts)) run.give(name, part)
  return run
}

/** An answer with a body of JSON, as it came. */
export function answered(
  text: string,
  headers: Readonly<Record<string, string>> = {},
  more: Partial<Answered> = {},
): Answered {
  const value: unknown = JSON.parse(text)
  return {
    kind: 'answered',
    status: 200,
    headers: fields(headers),
    cookies: [],
    text,
    value,
    ...more,
  }
}

export function failed(more: Partial<Failed> = {}): Failed {
  return {
    kind: 'failed',
    status: 500,
    code: 'CALL_FAILED',
    title: 'A service that the answer is made of failed.',
    retryAfter: null,
    headers: null,
    value: null,
    default: null,
    ...more,
  }
}

/** With `forEach`: a part for each item; `cut` where there were more items than are called for. */
export function list(parts: readonly Single[], cut: Failed | null = null): Part {
  return { kind: 'list', parts, cut }
}

function isFailed(single: Single): single is Failed {
  return single.kind === 'failed'
}
