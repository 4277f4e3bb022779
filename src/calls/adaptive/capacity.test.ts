import { expect, test } from 'vitest'
import { makeCallScope } from '../../../test/calls.ts'
import { makeExchange } from '../../../test/exchange.ts'
import type { Exchange } from '../../pipeline/exchange.ts'
import { makeMemories } from '../../platform/memories.ts'
import { MemoryClock } from '../../platform/memory/clock.ts'
import { MemoryUpstreamObjects } from '../../platform/memory/upstream-objects.ts'
import { type BoundLink, bindLink } from '../state/bind-link.ts'
import { bindCapacity } from './capacity.ts'
import { HOLDS_MS } from './local.ts'
import { adaptiveRules, keyOf } from './rules.ts'

const rules = adaptiveRules({})

/** One isolate whose upstream has no breaker, and what it was told that may pass. */
function makeIsolate() {
  const clock = new MemoryClock(1_000_000)
  const memories = makeMemories()
  let fraction = 0
  const randomness = { hex: () => 'aa', fraction: () => fraction }
  const upstreams = new MemoryUpstreamObjects({ clock, timers: clock, randomness })
  const link = bindLink({ ...makeCallScope(), adaptive: [rules] }) as BoundLink
  const capacity = bindCapacity(link, rules)
  function request(): Exchange {
    const exchange = makeExchange()
    const ports = { ...exchange.ports, clock, timers: clock, memories, randomness, upstreams }
    return { ...exchange, ports: { ...ports, defer: (work) => void work } }
  }
  return {
    clock,
    upstreams,
    ask(priority: 'critical' | 'normal' | 'sheddable', chance = 0) {
      fraction = chance
      return capacity(request(), priority)
    },
    local: () => link.of({ exchange: request() }).locals.adaptive,
    hear(shares: { critical: number; normal: number; sheddable: number }) {
      const local = link.of({ exchange: request() }).locals.adaptive
      local.shares = { [keyOf(rules)]: shares }
      local.until = clock.now() + HOLDS_MS
    },
  }
}

const some = { critical: 1, normal: 0.6, sheddable: 0 }

test('an upstream has a link where only a limit asks for it', () => {
  expect(bindLink({ ...makeCallScope(), adaptive: [rules] })?.spec).toEqual({
    adaptive: { rules: [rules] },
  })
  expect(bindLink(makeCallScope())).toBeNull()
})

test('before its first word and while all is well everyone passes, and is counted', () => {
  const { ask, local } = makeIsolate()
  expect([ask('normal', 0.99), ask('sheddable', 0.99)]).toEqual([null, null])
  expect(local().arrived).toEqual({ critical: 0, normal: 1, sheddable: 1 })
})

test('each priority passes by its share', () => {
  const { ask, hear } = makeIsolate()
  hear(some)
  expect(ask('critical', 0.999)).toBeNull()
  expect(ask('normal', 0.59)).toBeNull()
  expect(ask('normal', 0.6)).not.toBeNull()
  expect(ask('sheddable', 0)).not.toBeNull()
})

test('who is refused comes back after five to ten seconds, not all at once', () => {
  const { ask, hear } = makeIsolate()
  hear(some)
  expect([ask('sheddable', 0), ask('sheddable', 0.5), ask('sheddable', 0.999)]).toEqual([5, 8, 10])
})

test('what was said too long ago refuses nobody', async () => {
  const { ask, hear, clock } = makeIsolate()
  hear(some)
  await clock.advance(HOLDS_MS)
  expect(ask('sheddable', 0)).toBeNull()
})

test('where all are refused the isolate asks by itself what is new', async () => {
  const { ask, hear, clock, upstreams } = makeIsolate()
  hear({ critical: 0, normal: 0, sheddable: 0 })
  expect(ask('normal', 0)).not.toBeNull()
  await clock.advance(10)
  expect(upstreams.reports).toHaveLength(1)
  // The object begins anew: it knows of no trouble.
  expect(ask('normal', 0)).toBeNull()
})
