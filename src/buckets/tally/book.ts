/**
 * Adds up what isolates count of keys: two windows of five minutes, so that an operator sees the last five to ten.
 * Stored key: `windows`, the two as JSON text, written every ten seconds at most; what came later is lost with sleep.
 */
import type { Clock } from '../../platform/ports.ts'
import { emptySummary, mergeSummaries, type TopSummary } from '../top.ts'
import { LEAST_PAUSE_MS, MOST_PAUSE_MS } from './counts.ts'
import type { PolicySummary, TallyAnswer, TallyReport, TallyView } from './messages.ts'

const WINDOW_MS = 300_000
/** Nothing is shown of what is older. */
export const KEPT_MS = 2 * WINDOW_MS

// 128 policies with 64 keys of 150 bytes, twice: 2.5 MB in memory.
const MAX_POLICIES = 128
const KEYS_PER_POLICY = 64

const MAX_CALLS_PER_SECOND = 100
// Whoever reported within the longest pause is there. As many as the longest pause has room for.
const MAX_ISOLATES = (MOST_PAUSE_MS / 1_000) * MAX_CALLS_PER_SECOND

const WRITE_EVERY_MS = 10_000
// A value in storage has at most 2 MB (developers.cloudflare.com/durable-objects/platform/limits).
const MAX_STORED_LENGTH = 1_900_000

export interface TallyStorage {
  read(): string | null
  write(text: string): void
}

interface Window {
  from: number
  readonly policies: Map<string, TopSummary>
}

interface Stored {
  /** Of the last report that is in it. */
  readonly at: number
  readonly windows: readonly { readonly from: number; readonly policies: PolicySummary[] }[]
}

export class TallyBook {
  readonly #clock: Clock
  readonly #storage: TallyStorage
  #window: Window
  #before: Window | null
  #writtenAt = Number.NEGATIVE_INFINITY
  /** Isolates that reported in this pause and in the one before. */
  #isolates = new Set<string>()
  #isolatesBefore = new Set<string>()
  #pauseFrom: number
  #reportedAt: number

  constructor({ clock, storage }: { readonly clock: Clock; readonly storage: TallyStorage }) {
    this.#clock = clock
    this.#storage = storage
    const now = clock.now()
    const text = storage.read()
    const stored = text === null ? null : (JSON.parse(text) as Stored)
    const [window, before] = stored?.windows ?? []
    this.#window = window === undefined ? open(now) : opened(window)
    this.#before = before === undefined ? null : opened(before)
    this.#pauseFrom = now
    this.#reportedAt = stored?.at ?? Number.NEGATIVE_INFINITY
  }

  report({ isolate, policies }: TallyReport): TallyAnswer {
    const now = this.#turn()
    for (const [policy, summary] of policies) this.#add(policy, summary)
    this.#reportedAt = now
    this.#write(now)
    return { nextMs: this.#nextMs(isolate, now) }
  }

  read(): TallyView {
    this.#turn()
    const before = this.#before ?? this.#window
    const names = new Set([...before.policies.keys(), ...this.#window.policies.keys()])
    const of = (window: Window | null, name: string) => window?.policies.get(name) ?? emptySummary
    return {
      since: before.from,
      policies: [...names].map((name) => [
        name,
        mergeSummaries(of(this.#window, name), of(this.#before, name), KEYS_PER_POLICY),
      ]),
    }
  }

  /** When nothing of it will be shown any more, unless another report comes. */
  get endsAt(): number {
    return this.#reportedAt + KEPT_MS
  }

  #add(policy: string, summary: TopSummary): void {
    const { policies } = this.#window
    const known = policies.get(policy)
    if (known === undefined && policies.size >= MAX_POLICIES) return
    policies.set(policy, mergeSummaries(known ?? emptySummary, summary, KEYS_PER_POLICY))
  }

  #turn(): number {
    const now = this.#clock.now()
    const ageMs = now - this.#window.from
    // After a clock that was set back counting goes on from there.
    if (ageMs < 0) this.#window.from = now
    if (ageMs >= WINDOW_MS) {
      this.#before = ageMs < KEPT_MS ? this.#window : null
      this.#window = open(this.#before === null ? now : this.#window.from + WINDOW_MS)
    }
    return now
  }

  #nextMs(isolate: string, now: number): number {
    const pauseMs = now - this.#pauseFrom
    if (pauseMs < 0 || pauseMs >= MOST_PAUSE_MS) {
      this.#isolatesBefore = pauseMs < 2 * MOST_PAUSE_MS ? this.#isolates : new Set()
      this.#isolates = new Set()
      this.#pauseFrom = now
    }
    if (this.#isolates.size < MAX_ISOLATES) this.#isolates.add(isolate)
    const isolates = Math.max(this.#isolates.size, this.#isolatesBefore.size)
    const neededMs = (isolates * 1_000) / MAX_CALLS_PER_SECOND
    return Math.min(MOST_PAUSE_MS, Math.max(LEAST_PAUSE_MS, neededMs))
  }

  #write(now: number): void {
    const quietMs = now - this.#writtenAt
    if (quietMs >= 0 && quietMs < WRITE_EVERY_MS) return
    this.#writtenAt = now
    const windows = this.#before === null ? [this.#window] : [this.#window, this.#before]
    const stored: Stored = {
      at: now,
      windows: windows.map(({ from, policies }) => ({ from, policies: [...policies] })),
    }
    const text = JSON.stringify(stored)
    if (text.length <= MAX_STORED_LENGTH) this.#storage.write(text)
  }
}

function open(from: number): Window {
  return { from, policies: new Map() }
}

function opened({ from, policies }: Stored['windows'][number]): Window {
  return { from, policies: new Map(policies) }
}
