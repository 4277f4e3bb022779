/** What an isolate knows of the table that serves, and what health says of it. */
import type { Missing, Plan } from './plan.ts'
import type { Problem } from './problem.ts'

export type LoadedTable =
  | {
      readonly kind: 'loaded'
      readonly plan: Plan
      readonly warnings: readonly Problem[]
      readonly missing: readonly Missing[]
    }
  | { readonly kind: 'invalid'; readonly problems: readonly Problem[] }

/**
 * Makes a plan of a text. `trusted`: this build accepted this very text before, so that it need not be judged
 * again. `version` is that of the text.
 */
export type LoadTable = (
  text: string,
  options: { readonly trusted: boolean; readonly version: string },
) => LoadedTable | Promise<LoadedTable>

export interface LiveTable {
  readonly plan: Plan
  readonly version: string
  /** Milliseconds since 1970. */
  readonly loadedAt: number
  /** `good`: `routes` is broken or gone, the last good table serves. */
  readonly from: 'routes' | 'good'
  readonly warnings: readonly Problem[]
}

export interface TableStatus {
  readonly live: LiveTable | null
  /** When the isolate last looked; null before the first time. */
  readonly lookedAt: number | null
  /** Why it is degraded: the store, the text under `routes`, or what this Worker lacks. */
  readonly problems: readonly Problem[]
}

/** What this Worker lacks, as problems of the document. */
export function problemsOfMissing(missing: readonly Missing[]): readonly Problem[] {
  const things = {
    SECRET_MISSING: 'a secret',
    // What is wrong with it is for who made it to see: no part of a secret is shown.
    SECRET_INVALID: 'the form that is needed here in the secret',
    VARIABLE_MISSING: 'a variable',
    SERVICE_MISSING: 'a service binding',
  }
  return missing.map(({ pointer, code, name }) => {
    const expected = `${things[code]} "${name}"`
    const found = code === 'SECRET_INVALID' ? 'another' : 'none'
    const message = `expected ${expected} on this Worker, found ${found}`
    return { pointer, code, message, found, expected, severity: 'environment' }
  })
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
