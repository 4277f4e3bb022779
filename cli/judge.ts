/** Everything that can be said about a table without running it: form, environment and warnings together. */
import { type Loaded, loadTable } from '../src/config/load.ts'
import type { Problem } from '../src/config/problem.ts'
import type { Environment } from '../src/platform/ports.ts'

export interface Judgment {
  readonly problems: readonly Problem[]
  /** Null where the document is refused whole. */
  readonly loaded: (Loaded & { kind: 'loaded' }) | null
}

export function judge(text: string, environment: Environment): Judgment {
  const loaded = loadTable(text, environment, { comments: true })
  if (loaded.kind === 'invalid') return { problems: loaded.problems, loaded: null }
  return { problems: [...loaded.lacks, ...loaded.warnings], loaded }
}
