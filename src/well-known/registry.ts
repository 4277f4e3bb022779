/** All documents under /.well-known/: adding one touches its file and a line here. */
import type { Handler } from '../config/plan.ts'
import type { WellKnownDocument, WellKnownParts } from './document.ts'
import { keySet } from './key-set.ts'
import { protectedResource } from './protected-resource.ts'

const documents: readonly WellKnownDocument[] = [protectedResource, keySet]

/** What answers each well-known path of this table. */
export function bindWellKnown(parts: WellKnownParts): ReadonlyMap<string, Handler> {
  const taken = exactPaths(parts)
  const bound = new Map<string, Handler>()
  for (const document of documents) {
    if (taken.has(document.path)) continue
    const handler = document.bind(parts)
    if (handler !== null) bound.set(document.path, handler)
  }
  return bound
}

/** The paths that routes have exactly: a route wins over the gateway's own document, on whichever host. */
function exactPaths({ table }: WellKnownParts): ReadonlySet<unknown> {
  return new Set(table.routes.flatMap(({ match }) => [match].flat().map(({ path }) => path)))
}
