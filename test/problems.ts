/** What is wrong with a table of one route that has these policies: places and codes. */
import { loadTable } from '../src/config/load.ts'
import { environmentOf } from './gateway.ts'

export interface PlacedProblem {
  readonly pointer: string
  readonly code: string
}

export function problemsOfTable(
  policies: readonly unknown[],
  more: Readonly<Record<string, unknown>> = {},
): readonly PlacedProblem[] {
  const table = {
    version: 1,
    ...more,
    routes: [{ name: 'only', match: { path: '/*' }, policies, respond: { status: 200 } }],
  }
  const loaded = loadTable(JSON.stringify(table), environmentOf({}), { version: 'v1' })
  // What is missing here does not concern the form.
  if (loaded.kind === 'loaded') return []
  return loaded.problems
    .filter(({ severity }) => severity === 'form')
    .map(({ pointer, code }) => ({ pointer, code }))
}
