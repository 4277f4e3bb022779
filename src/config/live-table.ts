/** What an isolate knows of the table that serves, and what health says of it. */
import type { Loaded } from './judge.ts'
import type { Plan } from './plan.ts'
import type { Problem } from './problem.ts'

/**
 * Makes a plan of a text. `trusted`: this build accepted this very text before, so that it need not be judged
 * again. `version` is that of the text.
 */
export type LoadTable = (
  text: string,
  options: { readonly trusted: boolean; readonly version: string },
) => Loaded | Promise<Loaded>

export interface LiveTable {
  readonly plan: Plan
  readonly version: string
  /** Milliseconds since 1970. */
  readonly loadedAt: number
  /** `good`: `routes` is broken or gone, the last good table serves. */
  readonly from: 'routes' | 'good'
  readonly warnings: readonly Problem[]
  /** What the table names and this Worker lacks. */
  readonly lacks: readonly Problem[]
}

export interface TableStatus {
  readonly live: LiveTable | null
  /** When the isolate last looked; null before the first time. */
  readonly lookedAt: number | null
  /** Why it is degraded: the store, the text under `routes`, or what this Worker lacks. */
  readonly problems: readonly Problem[]
}

export function storeProblem(): Problem {
  return {
    pointer: '',
    code: 'STORE_UNAVAILABLE',
    message: 'the store of the table does not answer, so a newer table may be missed',
    severity: 'form',
  }
}

export function absentProblem(): Problem {
  return {
    pointer: '',
    code: 'TABLE_MISSING',
    message: 'expected a table under the key "routes", found none: the last one serves on',
    severity: 'form',
  }
}
