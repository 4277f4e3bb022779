/** The conditions of a policy, each with its place in the entry: its own `when`, and those of its profiles. */
import type { PolicyEntry } from '../../policies/registry.ts'
import type { Path } from '../json.ts'

export interface PlacedWhen {
  readonly when: NonNullable<PolicyEntry['when']>
  /** From the entry. */
  readonly path: Path
}

export function whensOf(entry: PolicyEntry): readonly PlacedWhen[] {
  const own = entry.when === undefined ? [] : [{ when: entry.when, path: ['when'] }]
  if (entry.use !== 'profiles') return own
  const ofProfiles = Object.entries(entry.profiles).flatMap(([name, { when }]) => {
    const path = ['profiles', name, 'when']
    if (when === undefined) return []
    if (!Array.isArray(when)) return [{ when, path }]
    return when.map((one, at) => ({ when: one, path: [...path, at] }))
  })
  return [...own, ...ofProfiles]
}
