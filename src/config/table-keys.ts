/** The keys under which a table stands in KV, and what stands beside each text. */
import type { Metadata } from '../platform/ports.ts'

/** The table that is to be in force. Operators may write it too. */
export const routesKey = 'routes'

/** The last table that a build of this Worker accepted: what an isolate starts with when `routes` is broken. */
export const goodKey = 'routes:good'

/** The copy of one version, for rollback. Its text never changes. */
export function copyKey(version: string): string {
  return `routes:v:${version}`
}

/** All of it may be missing: whoever writes with another tool writes nothing beside the text. */
export interface TableMetadata {
  readonly version: string | null
  /** Milliseconds since 1970 of the write, higher with each: tells an old copy from a new table. */
  readonly stamp: number | null
  /** The build of the Worker that accepted the text. */
  readonly build: string | null
}

export function parseTableMetadata(metadata: Metadata | null): TableMetadata {
  const { version, stamp, build } = metadata ?? {}
  return {
    version: typeof version === 'string' ? version : null,
    stamp: typeof stamp === 'number' ? stamp : null,
    build: typeof build === 'string' ? build : null,
  }
}
