/** A gateway in memory with one aggregate over some services, for tests of what its calls send and come to. */
import { emptyFields } from '../src/http/headers.ts'
import { makeMemories } from '../src/platform/memories.ts'
import { MemoryAnswers } from '../src/platform/memory/answers.ts'
import { MemoryClock } from '../src/platform/memory/clock.ts'
import { MemoryFills } from '../src/platform/memory/fills.ts'
import { MemoryPurges } from '../src/platform/memory/purges.ts'
import { MemoryUpstreamObjects } from '../src/platform/memory/upstream-objects.ts'
import type { NetworkCall } from '../src/platform/ports.ts'
import { countPorts } from './counted-ports.ts'
import { idlePorts } from './exchange.ts'
import { type Ask, type Given, makeGateway } from './gateway.ts'

export interface AggregateParts {
  readonly calls: object
  /** What else the aggregate says. */
  readonly aggregate?: object
  /** Options of upstreams, by name: `a` to `d` are there anyway. */
  readonly upstreams?: Readonly<Record<string, object>>
  readonly policies?: readonly object[]
  readonly table?: object
  readonly answer?: (call: SentCall, count: number) => Response | Promise<Response>
  readonly given?: Given
}

/** A call of the network, with what tests ask of it. */
export interface SentCall {
  readonly upstream: string
  /** Path and query. */
  readonly path: string
  readonly method: string
  readonly headers: Readonly<Record<string, string>>
  readonly body: string | null
  readonly signal: AbortSignal | null
}

const names = ['a', 'b', 'c', 'd']

export function makeAggregate(parts: AggregateParts) {
  const clock = new MemoryClock()
  const sent: SentCall[] = []
  const randomness = { hex: (bytes: number) => 'ab'.repeat(bytes), fraction: () => 0 }
  const upstreams = new MemoryUpstreamObjects({ clock, timers: clock, randomness })
  async function send(call: NetworkCall): Promise<Response> {
    const one = readCall(call)
    sent.push(one)
    return (await parts.answer?.(one, sent.length)) ?? Response.json({ path: one.path })
  }
  const { ports, peaks } = countPorts({
    ...idlePorts,
    clock,
    randomness,
    network: { send, sendTo: (_binding, call) => send(call) },
    defer: () => {},
    answers: new MemoryAnswers({ clock, timers: clock }),
    fills: new MemoryFills({ timers: clock }),
    upstreams,
    ...parts.given?.ports,
  })
  const gateway = makeGateway(
    {
      version: 1,
      ...parts.table,
      upstreams: Object.fromEntries(
        names.map((name) => [
          name,
          { targets: [`https://${name}.example.com`], ...parts.upstreams?.[name] },
        ]),
      ),
      routes: [
        {
          name: 'page',
          match: { path: '/page/:id' },
          policies: parts.policies ?? [],
          aggregate: { ...parts.aggregate, calls: parts.calls },
        },
      ],
    },
    {
      clock,
      ...parts.given,
      answer: (call) => ports.network.send(call),
      ports: {
        purges: new MemoryPurges(),
        memories: makeMemories(),
        ...parts.given?.ports,
        answers: ports.answers,
        fills: ports.fills,
        upstreams: ports.upstreams,
      },
    },
  )

  async function get(target = '/page/7', ask: Ask = {}) {
    const response = await gateway.ask({ target, ...ask })
    const text = await response.text()
    await gateway.rest()
    return {
      status: response.status,
      headers: response.headers,
      text,
      json: JSON.parse(text) as Record<string, unknown>,
      event: gateway.events.at(-1),
    }
  }
  return {
    ...gateway,
    clock,
    sent,
    peaks,
    objects: upstreams,
    get,
    paths: () => sent.map(({ path }) => path),
  }
}

function readCall({ url, method, headers, body, signal }: NetworkCall): SentCall {
  const { host, pathname, search } = new URL(url)
  return {
    upstream: host.split('.')[0] ?? '',
    path: pathname + search,
    method,
    headers: Object.assign(emptyFields(), headers),
    body: body instanceof ArrayBuffer ? new TextDecoder().decode(body) : null,
    signal,
  }
}
