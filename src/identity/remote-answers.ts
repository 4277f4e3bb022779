/**
 * Answers of services about callers, kept for a time: in the isolate, and as text at this location. Requests that
 * ask the same wait for one call. Plain data only; nothing that was asked stands in a key but as SHA-256.
 */
import type { Ports } from '../platform/ports.ts'
import { SingleFlight } from '../platform/single-flight.ts'
import { digestOf, hexOf } from './equal.ts'

export type AnswerPorts = Pick<
  Ports,
  'clock' | 'timers' | 'network' | 'memories' | 'responses' | 'defer'
>

export type Asked<Value> =
  /** Kept so many milliseconds after now; 0 keeps nothing. */
  | { readonly kind: 'answered'; readonly value: Value; readonly keepMs: number }
  | { readonly kind: 'failed'; readonly reason: string }

export interface Question<Value> {
  /** Of the memory: `<policy>:<what>`. */
  readonly name: string
  /** All that the answer depends on: two questions with the same parts have the same answer. */
  readonly parts: readonly unknown[]
  /** How long the call itself may take. */
  readonly timeoutMs: number
  ask(): Promise<Asked<Value>>
}

interface Kept<Value> {
  readonly value: Value
  /** Milliseconds since 1970. */
  readonly until: number
}

const CAPACITY = 5_000
// With the capacity it bounds what an isolate holds.
const MAX_KEPT_LENGTH = 16_384
const MAX_FLIGHTS = 1_000
// Looking at this location comes on top of the call.
const LOOK_MS = 1_000

/** The answer that is kept, or that of one call. Only `asked` says how long a new one is kept. */
export async function askOnce<Value>(
  ports: AnswerPorts,
  question: Question<Value>,
): Promise<Asked<Value>> {
  const { name, timeoutMs } = question
  const key = hexOf(await digestOf(JSON.stringify(question.parts)))
  const known = ports.memories.of<Kept<Value>>(name, CAPACITY).get(key, ports.clock.now())
  if (known !== undefined) return { kind: 'answered', value: known.value, keepMs: 0 }
  const flights = ports.memories.of<SingleFlight<Asked<Value>>>(`${name}:flights`, MAX_FLIGHTS)
  const now = ports.clock.now()
  let flight = flights.get(key, now)
  if (flight === undefined) {
    flight = new SingleFlight<Asked<Value>>(timeoutMs + LOOK_MS)
    flights.set(key, flight, now + timeoutMs + LOOK_MS)
  }
  const flown = await flight.fly(ports, () => lookThenAsk(ports, question, key))
  return flown.kind === 'landed' ? flown.value : { kind: 'failed', reason: 'source-late' }
}

async function lookThenAsk<Value>(
  ports: AnswerPorts,
  { name, ask }: Question<Value>,
  key: string,
): Promise<Asked<Value>> {
  const { clock, memories, responses } = ports
  const memory = memories.of<Kept<Value>>(name, CAPACITY)
  const place = `${name} ${key}`
  const kept = parseKept<Value>(await responses.get(place))
  if (kept !== null && clock.now() < kept.until) {
    memory.set(key, kept, kept.until)
    return { kind: 'answered', value: kept.value, keepMs: 0 }
  }
  const asked = await ask()
  if (asked.kind === 'failed' || asked.keepMs <= 0) return asked
  const fresh: Kept<Value> = { value: asked.value, until: clock.now() + asked.keepMs }
  const text = JSON.stringify(fresh)
  if (text.length > MAX_KEPT_LENGTH) return asked
  memory.set(key, fresh, fresh.until)
  ports.defer(responses.put(place, text, Math.ceil(asked.keepMs / 1000)))
  return asked
}

function parseKept<Value>(text: string | null): Kept<Value> | null {
  if (text === null) return null
  try {
    return JSON.parse(text) as Kept<Value>
  } catch {
    return null
  }
}
