/**
 * Does one thing at a time for a whole isolate, safely across requests. On workerd a promise belongs to the
 * request that made it: when that request ends, those who wait on it are rejected or wait for ever, and its
 * `finally` never runs. So the work is deferred, nobody waits longer than the timeout, and work older than
 * that counts as dead.
 */
import type { TablePorts } from './ports.ts'

export type Flown<Value> =
  | { readonly kind: 'landed'; readonly value: Value }
  /** Not done within the timeout. The work may still go on. */
  | { readonly kind: 'late' }

type FlightPorts = Pick<TablePorts, 'clock' | 'timers' | 'defer'>

interface Flight<Value> {
  readonly work: Promise<Value>
  readonly startedAt: number
}

export class SingleFlight<Value> {
  readonly #timeoutMs: number
  #flight: Flight<Value> | null = null

  constructor(timeoutMs: number) {
    this.#timeoutMs = timeoutMs
  }

  /** Whether work is under way that can still be waited for. */
  isFlying(now: number): boolean {
    return this.#alive(now) !== null
  }

  /** Joins the work under way, or begins it. `work` reports its failures as values. */
  async fly(ports: FlightPorts, work: () => Promise<Value>): Promise<Flown<Value>> {
    const now = ports.clock.now()
    const flight = this.#alive(now)
    if (flight !== null) {
      try {
        return await wait(flight, flight.startedAt + this.#timeoutMs - now, ports)
      } catch {
        // Its request ended: the work is ours now, or that of whoever was quicker.
        this.#drop(flight)
      }
    }
    const own = this.#alive(ports.clock.now()) ?? this.#start(ports, work)
    try {
      return await wait(own, this.#timeoutMs, ports)
    } catch {
      this.#drop(own)
      return { kind: 'late' }
    }
  }

  #start(ports: FlightPorts, work: () => Promise<Value>): Flight<Value> {
    const flight = { work: work(), startedAt: ports.clock.now() }
    this.#flight = flight
    const drop = () => this.#drop(flight)
    ports.defer(flight.work.then(drop, drop))
    return flight
  }

  #alive(now: number): Flight<Value> | null {
    const flight = this.#flight
    if (flight === null) return null
    const ageMs = now - flight.startedAt
    // A clock that was set back may not keep dead work alive.
    return ageMs >= 0 && ageMs < this.#timeoutMs ? flight : null
  }

  #drop(flight: Flight<Value>): void {
    if (this.#flight === flight) this.#flight = null
  }
}

async function wait<Value>(
  flight: Flight<Value>,
  ms: number,
  { timers }: FlightPorts,
): Promise<Flown<Value>> {
  const alarm = timers.after(ms)
  try {
    return await Promise.race([
      flight.work.then((value) => ({ kind: 'landed', value }) as const),
      alarm.done.then(() => ({ kind: 'late' }) as const),
    ])
  } finally {
    alarm.cancel()
  }
}
