/**
 * What the gateway may ask its host for. Every adapter (Cloudflare, memory) has the same shape;
 * nothing outside `platform/` touches env, caches or the execution context.
 */

/** Milliseconds since 1970, by this machine's clock. On Cloudflare it stands still between two awaits. */
export interface Clock {
  now(): number
}

/** Lower-case hex of fresh random bytes: `hex(8)` has 16 digits. */
export interface Randomness {
  hex(bytes: number): string
  /** A number from 0 (included) to 1 (excluded), for weights and samples; not for secrets. */
  fraction(): number
}

/** One outgoing HTTP call, with everything decided. */
export interface NetworkCall {
  readonly url: string
  readonly method: string
  /** Lower-case name → value. */
  readonly headers: Readonly<Record<string, string>>
  readonly body: ReadableStream | ArrayBuffer | null
  readonly signal: AbortSignal | null
}

/** The way to services. Rejects when nothing answered; the reason is the runtime's and tells little. */
export interface Network {
  send(call: NetworkCall): Promise<Response>
  /** The same through a service binding of this Worker. */
  sendTo(binding: string, call: NetworkCall): Promise<Response>
}

/** What one request may use. Made per request, since stubs and the execution context belong to it. */
export interface Ports {
  readonly clock: Clock
  readonly randomness: Randomness
  readonly network: Network
  /** Keeps the request's context alive until the promise settles: at most 30 s after the answer on Cloudflare. */
  defer(work: Promise<unknown>): void
}

/** What this Worker has been given: asked when a table is compiled, never per request. */
export interface Environment {
  /** A plain variable, or undefined. */
  variable(name: string): string | undefined
  /** A secret, or undefined. `ADMIN_*` and `ISOGATE_*` are always undefined. */
  secret(name: string): string | undefined
  /** Whether a service binding of this name exists; another kind of binding answers `other`. */
  service(name: string): 'present' | 'absent' | 'other'
}
