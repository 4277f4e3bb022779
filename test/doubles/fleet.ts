/** Many isolates that call one upstream, over its object in memory: the steps of the call pipeline that know the fleet. */
import { bindBreaker } from '../../src/calls/breaker/breaker.ts'
import type { Send, Target } from '../../src/calls/call.ts'
import { bindDeadlineStep } from '../../src/calls/deadline/deadline.ts'
import type { BindStep, CallScope } from '../../src/calls/order.ts'
import { bindCount } from '../../src/calls/state/count.ts'
import type { Answer } from '../../src/pipeline/exchange.ts'
import { makeMemories } from '../../src/platform/memories.ts'
import { MemoryClock } from '../../src/platform/memory/clock.ts'
import { MemoryUpstreamObjects } from '../../src/platform/memory/upstream-objects.ts'
import type { Memories, Ports } from '../../src/platform/ports.ts'
import type { UpstreamOptions } from '../../src/upstreams/http/schema.ts'
import { makeCall } from '../call.ts'
import { makeExchange } from '../exchange.ts'

export interface FleetParts {
  readonly isolates: number
  readonly breaker: NonNullable<UpstreamOptions['breaker']>
  /** From 0 (included) to 1 (excluded). */
  readonly fraction?: () => number
  /** What the service does with a call. */
  readonly serve: Send
}

export interface FleetCall {
  readonly signal?: AbortSignal
  readonly colo?: string
  /** Of the request. */
  readonly id?: string
}

const target: Target = {
  index: 0,
  url: 'http://a.test',
  base: 'http://a.test',
  binding: null,
  weight: 1,
  priority: 0,
  zone: null,
}

const steps: readonly BindStep[] = [bindDeadlineStep, bindBreaker, bindCount]

export function makeFleet({ isolates, breaker, fraction = () => 0.5, serve }: FleetParts) {
  const clock = new MemoryClock(1_000_000)
  let serial = 0
  const hex = (bytes: number) => (++serial).toString(16).padStart(2 * bytes, '0')
  const randomness = { hex, fraction }
  const objects = new MemoryUpstreamObjects({ clock, timers: clock, randomness })
  const scope = {
    name: 'users',
    options: { targets: [target.url], breaker },
    targets: [target],
    pointer: '/upstreams/users',
  } as unknown as CallScope
  let reached = 0
  const send: Send = (call) => {
    reached += 1
    return serve(call)
  }
  const members = Array.from({ length: isolates }, () => {
    const pipeline = steps.reduceRight<Send>((next, bind) => bind(scope)?.(next) ?? next, send)
    return { memories: makeMemories(), pipeline }
  })
  const portsOf = (memories: Memories): Ports => ({
    ...makeExchange().ports,
    clock,
    timers: clock,
    randomness,
    memories,
    upstreams: objects,
    defer: (work) => void work,
  })

  async function call(isolate: number, given: FleetCall = {}) {
    const member = members[isolate]
    if (member === undefined) throw new RangeError(`no isolate ${isolate}`)
    const made = makeCall({ base: target.url })
    const { request } = made.exchange
    const exchange = {
      ...made.exchange,
      id: given.id ?? made.exchange.id,
      startedAt: clock.now(),
      client: { ...made.exchange.client, colo: given.colo ?? null },
      ports: portsOf(member.memories),
      request:
        given.signal === undefined ? request : new Request(request, { signal: given.signal }),
    }
    const answer: Answer = await member.pipeline({ ...made, exchange, target })
    return { answer, event: exchange.event }
  }

  return {
    clock,
    objects,
    call,
    /** Calls that came to the service. */
    reached: () => reached,
    /** A new isolate in the place of an old one: it remembers nothing. */
    replace(isolate: number) {
      const member = members[isolate]
      if (member !== undefined) member.memories = makeMemories()
    },
  }
}

/** The code of a refusal, or the status of a response. */
export function nameOf(answer: Answer): string | number {
  return answer instanceof Response ? answer.status : answer.code
}
