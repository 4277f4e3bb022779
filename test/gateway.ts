/** A whole gateway in memory, for tests of what tables mean: real pipeline, fake network, a clock that stands still. */

import { loadTable } from '../src/config/load.ts'
import type { Plan } from '../src/config/plan.ts'
import { refuse } from '../src/errors/refusal.ts'
import { bindGateway } from '../src/gateway.ts'
import type { Event } from '../src/observe/event.ts'
import { makeMemories } from '../src/platform/memories.ts'
import type { MemoryClock } from '../src/platform/memory/clock.ts'
import type { BucketObjects, Environment, NetworkCall, Ports } from '../src/platform/ports.ts'
import { idlePorts, START } from './exchange.ts'

export interface Given {
  readonly secrets?: Readonly<Record<string, string>>
  readonly variables?: Readonly<Record<string, string>>
  readonly services?: readonly string[]
  /** What services answer; 200 unless given. */
  readonly answer?: (call: NetworkCall) => Response | Promise<Response>
  /** What `fraction()` gives, in turn. */
  readonly fractions?: readonly number[]
  /** A clock that the test sets; else it stands still. */
  readonly clock?: MemoryClock
  /** The objects of buckets; none can be reached unless given. */
  readonly buckets?: BucketObjects
  /** Other ports in the place of those that hold nothing. */
  readonly ports?: Partial<Omit<Ports, 'clock' | 'timers' | 'network' | 'defer'>>
}

export interface Ask extends RequestInit {
  /** The raw target, as a client may send it. */
  readonly target?: string
  readonly host?: string
  readonly peer?: string
  readonly place?: Readonly<Record<string, unknown>>
}

/** Binds a table; throws with its problems where it has any. */
export function makeGateway(table: object, given: Given = {}) {
  const plan = planOf(table, given)
  const calls: (NetworkCall & { readonly binding: string | null })[] = []
  const events: Event[] = []
  const bugs: unknown[] = []
  const deferred: Promise<unknown>[] = []
  const fractions = [...(given.fractions ?? [])]
  function send(call: NetworkCall, binding: string | null): Promise<Response> {
    calls.push({ ...call, headers: { ...call.headers }, binding })
    return Promise.resolve(given.answer?.(call) ?? new Response('ok'))
  }
  const ports: Ports = {
    ...idlePorts,
    clock: given.clock ?? { now: () => START },
    randomness: { hex: (bytes) => 'ab'.repeat(bytes), fraction: () => fractions.shift() ?? 0 },
    network: {
      send: (call) => send(call, null),
      sendTo: (binding, call) => send(call, binding),
    },
    ...(given.clock === undefined ? {} : { timers: given.clock }),
    // An isolate of its own: what it holds of buckets is no other test's.
    ...(given.buckets === undefined ? {} : { buckets: given.buckets, memories: makeMemories() }),
    ...given.ports,
    defer(work) {
      deferred.push(work)
      work.catch(() => {})
    },
  }
  const respond = bindGateway({
    tables: {
      plan,
      missing: refuse('TABLE_MISSING'),
      due: () => 'no',
      look: () => Promise.resolve(),
    },
    admin: () => Promise.resolve(new Response('admin')),
    writeEvent: (event) => events.push(structuredClone(event)),
    reportBug: (_id, error) => bugs.push(error),
  })
  return {
    plan,
    calls,
    events,
    bugs,
    ask: (ask: Ask = {}) => respond(makeRequest(ask), ports),
    /** Waits for what was left for after the answers. */
    async rest() {
      while (deferred.length > 0) await Promise.allSettled(deferred.splice(0))
    },
  }
}

export function environmentOf(given: Given): Environment {
  return {
    variable: (name) => given.variables?.[name],
    secret: (name) => given.secrets?.[name],
    service: (name) => (given.services?.includes(name) ? 'present' : 'absent'),
  }
}

export function planOf(table: object, given: Given = {}): Plan {
  const loaded = loadTable(JSON.stringify(table), environmentOf(given), { version: 'v1' })
  if (loaded.kind === 'loaded') return loaded.plan
  throw new Error(
    loaded.problems.map(({ pointer, message }) => `${pointer}: ${message}`).join('\n'),
  )
}

/** A request as the runtime hands it over: its URL is the raw target behind the Host header. */
function makeRequest({
  target = '/',
  host = 'api.example.com',
  peer,
  place,
  ...init
}: Ask): Request {
  const real = new Request(`http://${host}/`, init)
  const headers = new Headers(init.headers)
  if (!headers.has('host')) headers.set('host', host)
  const shown = {
    url: `http://${headers.get('host')}${target}`,
    method: real.method,
    headers,
    body: real.body,
    signal: real.signal,
    cf: { clientIp: peer ?? '192.0.2.1:5000', ...place },
  }
  return shown as unknown as Request
}
