/** Whether a text may come into force here: PUT and rollback ask the same. */
import type { Plan } from '../config/plan.ts'
import type { Problem } from '../config/problem.ts'
import { type Refusal, refuse } from '../errors/refusal.ts'
import type { AdminParts } from './call.ts'

export type AcceptedTable =
  | {
      readonly kind: 'accepted'
      readonly text: string
      readonly version: string
      readonly plan: Plan
      readonly warnings: readonly Problem[]
    }
  | Refusal

/** What this Worker lacks is refused too: whoever puts a table should know before it is in force. */
export async function acceptTable(text: string, parts: AdminParts): Promise<AcceptedTable> {
  const version = await parts.versionOf(text)
  const loaded = await parts.load(text, { trusted: false, version })
  if (loaded.kind === 'invalid') return refuseTable(loaded.problems)
  const { plan, warnings, lacks } = loaded
  if (lacks.length > 0) return refuseTable(lacks)
  return { kind: 'accepted', text, version, plan, warnings }
}

export function refuseTable(problems: readonly Problem[]): Refusal {
  const errors = problems.filter(({ severity }) => severity !== 'warning').length
  const count = errors === 1 ? 'one problem' : `${errors} problems`
  return refuse('TABLE_INVALID', {
    detail: `The table has ${count}. What was in force stays in force.`,
    members: { problems },
  })
}
