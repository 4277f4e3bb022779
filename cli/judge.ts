/** Everything that can be said about a table without running it: form, environment and warnings together. */
import { checkTable } from '../src/config/check/check.ts'
import { problemsOfMissing } from '../src/config/live-table.ts'
import { loadTable } from '../src/config/load.ts'
import { parseDocument } from '../src/config/parse.ts'
import type { Plan } from '../src/config/plan.ts'
import type { Problem } from '../src/config/problem.ts'
import type { RouteTable } from '../src/config/schema.ts'
import { resolveVariables } from '../src/config/variables.ts'
import type { Environment } from '../src/platform/ports.ts'

export interface Judgment {
  readonly problems: readonly Problem[]
  /** Null where the document is refused whole. */
  readonly loaded: { readonly plan: Plan; readonly table: RouteTable } | null
}

export function judge(text: string, environment: Environment): Judgment {
  const parsed = parseDocument(text, { comments: true })
  if (parsed.kind === 'invalid') return { problems: parsed.problems, loaded: null }
  const { table, problems } = resolveVariables(parsed, environment.variable)
  const found = [...problems, ...checkTable(table)]
  if (found.some(({ severity }) => severity === 'form')) return { problems: found, loaded: null }
  const loaded = loadTable(text, environment, { comments: true })
  if (loaded.kind === 'invalid') return { problems: loaded.problems, loaded: null }
  // Variables are told above, with what was expected of their values.
  const missing = loaded.missing.filter(({ code }) => code !== 'VARIABLE_MISSING')
  return {
    problems: [...found, ...problemsOfMissing(missing)],
    loaded: { plan: loaded.plan, table },
  }
}
