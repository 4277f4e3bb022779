/** What the command line asks for: `npm run bench -- [--quick] [--case NAME]…`. */
import { parseArgs } from 'node:util'
import { cases } from './cases.ts'

/** Parts besides the cases. */
export const parts = [
  'aggregate',
  'costs',
  'fleet',
  'burst',
  'hanging',
  'matcher',
  'startup',
  'bundle',
] as const
export type Part = (typeof parts)[number]

export interface BenchOptions {
  readonly quick: boolean
  /** Names of cases and parts; null is all. */
  readonly only: ReadonlySet<string> | null
}

export const usage = `npm run bench -- [--quick] [--case NAME]…
  --quick       fewer rounds: about two minutes, and twice the noise; writes no report
  --case NAME   only this one, repeatable, writes no report: ${names().join(', ')}`

/** Null where something is asked for that is not there. */
export function parseOptions(args: readonly string[]): BenchOptions | null {
  try {
    const { values } = parseArgs({
      args: [...args],
      options: {
        quick: { type: 'boolean', default: false },
        case: { type: 'string', multiple: true },
      },
    })
    const asked = values.case ?? null
    if (asked?.some((name) => !names().includes(name))) return null
    return { quick: values.quick, only: asked === null ? null : new Set(asked) }
  } catch {
    return null
  }
}

function names(): readonly string[] {
  return [...cases.map(({ name }) => name), ...parts]
}
