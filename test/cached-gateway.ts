/** A gateway in memory with one cached route to one service, for tests of what `cache` means for whole requests. */

import { makeMemories } from '../src/platform/memories.ts'
import { MemoryAnswers } from '../src/platform/memory/answers.ts'
import { MemoryClock } from '../src/platform/memory/clock.ts'
import { MemoryFills } from '../src/platform/memory/fills.ts'
import { MemoryPurges } from '../src/platform/memory/purges.ts'
import type { NetworkCall } from '../src/platform/ports.ts'
import { type Given, makeGateway } from './gateway.ts'

export type ServiceAnswer = (call: NetworkCall, count: number) => Response | Promise<Response>

export interface CachedParts {
  readonly cache?: object
  readonly policies?: readonly object[]
  readonly upstream?: object
  /** Upstreams beside `origin`. */
  readonly upstreams?: object
  /** What else the route says, and what it says in the place of `upstream: "origin"`. */
  readonly route?: object
  readonly given?: Given
}

export function makeCached(answer: ServiceAnswer, parts: CachedParts = {}) {
  const clock = new MemoryClock()
  const answers = new MemoryAnswers({ clock, timers: clock })
  const fills = new MemoryFills({ timers: clock })
  const purges = new MemoryPurges()
  let count = 0
  const gateway = makeGateway(
    {
      version: 1,
      upstreams: {
        origin: { targets: ['http://127.0.0.1:9'], ...parts.upstream },
        ...parts.upstreams,
      },
      routes: [
        {
          name: 'all',
          match: { path: '/*' },
          policies: [...(parts.policies ?? []), { use: 'cache', early: 0, ...parts.cache }],
          ...(parts.route ?? { upstream: 'origin' }),
        },
      ],
    },
    {
      ...parts.given,
      clock,
      answer: (call) => answer(call, ++count),
      ports: { answers, fills, purges, memories: makeMemories() },
    },
  )
  async function get(target = '/', ask: Parameters<typeof gateway.ask>[0] = {}) {
    const response = await gateway.ask({ target, ...ask })
    const text = await response.text()
    await gateway.rest()
    return { status: response.status, headers: response.headers, text }
  }
  const outcomes = () => gateway.events.map((event) => event.cache)
  return { ...gateway, get, clock, answers, fills, purges, outcomes }
}

/** Says its number, and is fresh for ten seconds. */
export const counted: ServiceAnswer = (_call, count) =>
  new Response(`answer ${count}`, { headers: { 'cache-control': 'max-age=10' } })
