/** The same for an isolate: most of them only ever load tables that were accepted before, and need no schema. */
import type { Environment } from '../platform/ports.ts'
import { judgeTable, trustTable } from './judge.ts'
import type { LoadTable } from './live-table.ts'

export function bindLoad(environment: Environment): LoadTable {
  return async function load(text, { trusted, version }) {
    const context = { environment, version }
    const known = trusted ? trustTable(text, context) : null
    if (known !== null) return known
    const parser = await import('./parse.ts')
    return judgeTable(text, { ...context, comments: false, parser })
  }
}
