/** Which upstreams the limits of a table follow: their links exist for that, breaker or not. */
import { type AdaptiveRules, adaptiveRules, distinctRules } from '../calls/adaptive/rules.ts'
import { entriesOf } from './entries.ts'
import type { RouteTable } from './schema.ts'

/** By the name of the upstream; each of its rules once. */
export function adaptiveOf(table: RouteTable): ReadonlyMap<string, readonly AdaptiveRules[]> {
  const found = new Map<string, readonly AdaptiveRules[]>()
  for (const entry of entriesOf(table)) {
    if (entry.use !== 'rate-limit' || entry.adaptive === undefined || entry.mode === 'off') continue
    const { upstream } = entry.adaptive
    const known = found.get(upstream) ?? []
    found.set(upstream, distinctRules([...known, adaptiveRules(entry.adaptive)]))
  }
  return found
}
