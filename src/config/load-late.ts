/** The same for an isolate: most of them only ever load tables that were accepted before, and need no schema. */
import { LibraryAbsent, loadLibrary } from '../expression/library.ts'
import type { Environment } from '../platform/ports.ts'
import { judgeTable, type Loaded, trustTable } from './judge.ts'
import type { LoadTable } from './live-table.ts'

export function bindLoad(environment: Environment): LoadTable {
  return async function load(text, { trusted, version }) {
    const context = { environment, version }
    const known = trusted ? await trust(() => trustTable(text, context)) : null
    if (known !== null) return known
    const parser = await import('./parse.ts')
    return judgeTable(text, { ...context, comments: false, parser })
  }
}

/** Once more with JSONata where the table turns out to have an expression: only its first one tells. */
async function trust(make: () => Loaded | null): Promise<Loaded | null> {
  try {
    return make()
  } catch (thrown) {
    if (!(thrown instanceof LibraryAbsent)) throw thrown
    await loadLibrary()
    return make()
  }
}
