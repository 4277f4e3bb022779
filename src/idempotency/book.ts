/**
 * The object's side of idempotency keys (draft-ietf-httpapi-idempotency-key-header): which request runs, which waits,
 * and what a later one is answered. Storage and clock are given; every entry is on disk before its request runs.
 */
import type { Clock } from '../platform/ports.ts'
import type { BeginMessage, BeginReply, EndMessage, Fingerprint, OnUnknown } from './messages.ts'

/** What is stored of a key beside the body of its answer. */
export interface KeyLine {
  readonly fingerprint: Fingerprint
  /** Of the request that runs, or ran. */
  readonly token: string
  readonly state:
    | { readonly kind: 'running'; readonly leaseEndsAt: number; readonly onUnknown: OnUnknown }
    | {
        readonly kind: 'answered'
        readonly status: number
        readonly fields: readonly (readonly [string, string])[]
      }
    | { readonly kind: 'not-kept'; readonly status: number }
    | { readonly kind: 'unknown' }
  /** Milliseconds since 1970: the entry is gone then, whatever its state. */
  readonly expiresAt: number
}

/** What the book keeps on disk. */
export interface KeyStorage {
  read(entry: string): KeyLine | null
  /** Apart: most looks at an entry need no body. */
  readBody(entry: string): ArrayBuffer | null
  write(entry: string, line: KeyLine, body: ArrayBuffer | null): void
  delete(entry: string): void
  /** Deletes what has expired by then. */
  sweep(now: number): void
  /** When the first of all entries expires, or null. */
  nextExpiry(): number | null
  /** How many entries there are, and how many bytes their bodies have together. */
  size(): { readonly entries: number; readonly bytes: number }
}

export interface BookLimits {
  readonly maxEntries: number
  readonly maxBytes: number
}

// A tenth of the 10 GB that an object may have, so that what a caller writes can never fill it.
const defaultLimits: BookLimits = { maxEntries: 200_000, maxBytes: 1_000_000_000 }

export class IdempotencyBook {
  readonly #storage: KeyStorage
  readonly #clock: Clock
  readonly #limits: BookLimits
  #size: { entries: number; bytes: number } | null = null

  constructor(parts: {
    readonly storage: KeyStorage
    readonly clock: Clock
    readonly limits?: BookLimits
  }) {
    this.#storage = parts.storage
    this.#clock = parts.clock
    this.#limits = parts.limits ?? defaultLimits
  }

  begin(entry: string, message: BeginMessage): BeginReply {
    const now = this.#clock.now()
    const line = this.#live(entry, now)
    if (line === null) return this.#start(entry, message, now)
    // The same message again: its first reply was lost.
    if (line.token === message.token && line.state.kind === 'running') return { kind: 'run' }
    const likeness = compare(line.fingerprint, message.fingerprint)
    if (likeness === 'differs') return { kind: 'reused' }
    const { state } = line
    if (state.kind === 'running') {
      if (now < state.leaseEndsAt) return { kind: 'running' }
      // Its isolate died, or lost the way here.
      if (state.onUnknown === 'keep') return { kind: 'unknown' }
      return likeness === 'same' ? this.#start(entry, message, now, line) : { kind: 'which-body' }
    }
    if (likeness === 'unsure') return { kind: 'which-body' }
    switch (state.kind) {
      case 'answered': {
        const { status, fields } = state
        const body = this.#storage.readBody(entry)
        return { kind: 'answered', answer: { status, fields, body } }
      }
      case 'not-kept':
        return { kind: 'not-kept', status: state.status }
      case 'unknown':
        return { kind: 'unknown' }
    }
  }

  renew(entry: string, token: string, leaseMs: number): boolean {
    const now = this.#clock.now()
    const line = this.#own(entry, token, now)
    if (line === null || line.state.kind !== 'running') return false
    const leaseEndsAt = now + leaseMs
    const expiresAt = Math.max(line.expiresAt, leaseEndsAt)
    const state = { ...line.state, leaseEndsAt }
    this.#storage.write(entry, { ...line, state, expiresAt }, null)
    return true
  }

  end(entry: string, { token, body, ttlMs, ending }: EndMessage): void {
    const now = this.#clock.now()
    const line = this.#own(entry, token, now)
    if (line === null || line.state.kind !== 'running') return
    if (ending.kind === 'free') {
      this.#storage.delete(entry)
      this.#size = null
      return
    }
    const fingerprint = { ...line.fingerprint, body: line.fingerprint.body ?? body }
    const rest = { fingerprint, token, expiresAt: now + ttlMs }
    if (ending.kind !== 'answered') {
      this.#storage.write(entry, { ...rest, state: ending }, null)
      return
    }
    const { status, fields, body: bytes } = ending.answer
    this.#storage.write(entry, { ...rest, state: { kind: 'answered', status, fields } }, bytes)
    if (this.#size !== null) this.#size.bytes += bytes?.byteLength ?? 0
  }

  /** Deletes what has expired; when to come again, or null where nothing is left. */
  sweep(): number | null {
    this.#storage.sweep(this.#clock.now())
    this.#size = null
    return this.#storage.nextExpiry()
  }

  #start(
    entry: string,
    { token, fingerprint, leaseMs, ttlMs, onUnknown }: BeginMessage,
    now: number,
    taken: KeyLine | null = null,
  ): BeginReply {
    if (taken === null && !this.#hasRoom(now)) return { kind: 'full' }
    const leaseEndsAt = now + leaseMs
    this.#storage.write(
      entry,
      {
        // What is known of the body of a request that died still has to be that of the next.
        fingerprint: { ...fingerprint, body: fingerprint.body ?? taken?.fingerprint.body ?? null },
        token,
        state: { kind: 'running', leaseEndsAt, onUnknown },
        expiresAt: Math.max(leaseEndsAt, now + ttlMs),
      },
      null,
    )
    if (taken === null && this.#size !== null) this.#size.entries += 1
    return { kind: 'run' }
  }

  #hasRoom(now: number): boolean {
    this.#size ??= { ...this.#storage.size() }
    if (this.#fits(this.#size)) return true
    // What has expired may stand there until the next alarm.
    this.#storage.sweep(now)
    this.#size = { ...this.#storage.size() }
    return this.#fits(this.#size)
  }

  #fits({ entries, bytes }: { readonly entries: number; readonly bytes: number }): boolean {
    return entries < this.#limits.maxEntries && bytes < this.#limits.maxBytes
  }

  #own(entry: string, token: string, now: number): KeyLine | null {
    const line = this.#live(entry, now)
    return line?.token === token ? line : null
  }

  #live(entry: string, now: number): KeyLine | null {
    const line = this.#storage.read(entry)
    if (line === null || now < line.expiresAt) return line
    this.#storage.delete(entry)
    this.#size = null
    return null
  }
}

/** `unsure`: all that is known is the same, and the hash of one body is missing that the other one has. */
function compare(known: Fingerprint, asked: Fingerprint): 'same' | 'differs' | 'unsure' {
  if (known.target !== asked.target) return 'differs'
  // The service answered before the first body was read to its end: nothing is known to compare with.
  if (known.body === null) return 'same'
  if (asked.body === null) return 'unsure'
  return known.body === asked.body ? 'same' : 'differs'
}
