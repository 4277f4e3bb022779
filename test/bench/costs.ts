/** What single things cost: each in a Worker of its own, beside a bare one. */
import { type Ring, startWorker } from './contestants.ts'
import { costs } from './cost-titles.ts'
import type { Entrant } from './duel.ts'

export function costEntrants(ring: Ring): readonly Entrant[] {
  return Object.keys(costs).map((name) => ({
    name,
    isVaried: false,
    start: () => startWorker(ring, 'costs', { COST: name }),
    startBare: () => startWorker(ring, 'bare'),
  }))
}
