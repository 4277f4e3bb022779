/** The call pipeline: all of it configured, and nothing that fails, beside the same route without it. */
import type { Case } from './cases.ts'
import { type Ring, startGateway } from './contestants.ts'
import { route } from './tables.ts'

/** Three targets; it is one service behind all of them. */
export const guardedUpstream = (targets: readonly string[]) => ({
  targets,
  timeoutMs: 5_000,
  perTryTimeoutMs: 2_000,
  retry: { attempts: 3 },
  breaker: {},
  ejection: {},
  health: { path: '/health' },
})

const threeTargets = ({ origin }: Pick<Ring, 'origin'>) =>
  ['/a', '/b', '/c'].map((base) => origin + base)

export const guarded = (ring: Pick<Ring, 'origin'>) => ({
  version: 1,
  upstreams: { origin: guardedUpstream(threeTargets(ring)) },
  routes: [route],
})

export const callCases: readonly Case[] = [
  {
    name: 'calls',
    title:
      'isogate, call pipeline configured and healthy: retry, breaker, timeouts, 3 targets, ejection, health',
    reach: null,
    beside: { name: 'one-route', atMost: 1.1 },
    objectCalls: 'counted',
    start: (ring) => startGateway(ring, { table: guarded(ring), log: 'json' }),
  },
]
