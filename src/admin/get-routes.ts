/** `GET /_gateway/routes`: the table that its owner holds for current, each route marked, and the versions. */
import type { Plan } from '../config/plan.ts'
import type { Problem } from '../config/problem.ts'
import { refuse } from '../errors/refusal.ts'
import type { AdminHandler, AdminParts } from './call.ts'
import { refuseUnavailable } from './change.ts'

export function bindGetRoutes(parts: AdminParts): AdminHandler {
  return async function getRoutes(call) {
    const found = await parts.portsOf(call.ports).versions.read('current')
    switch (found.kind) {
      case 'unavailable':
        return refuseUnavailable(found)
      case 'unknown-version':
        return refuse('STORE_UNAVAILABLE', {
          detail: 'The copy of the table in force is gone. Put the table again.',
        })
      case 'empty':
        return Response.json({ version: null, routes: [], versions: [], table: null })
      case 'read':
    }
    const { version, text, versions } = found
    const marks = await markRoutes(text, version, parts)
    const head = JSON.stringify({ version, ...marks, versions })
    // The text itself, so that the order of keys and the numbers stay as they were written.
    const body = `${head.slice(0, -1)},"table":${isJson(text) ? text : 'null'}}`
    return new Response(body, {
      headers: { 'Content-Type': 'application/json', ETag: `"${version}"` },
    })
  }
}

interface Marks {
  readonly routes: readonly { readonly name: string; readonly open: boolean }[]
  /** What is wrong with a table that was written past this surface. */
  readonly problems: readonly Problem[]
}

async function markRoutes(text: string, version: string, parts: AdminParts): Promise<Marks> {
  const { live } = parts.source.status()
  if (live?.version === version) return { routes: mark(live.plan), problems: [] }
  const loaded = await parts.load(text, { trusted: false, version })
  if (loaded.kind === 'invalid') return { routes: [], problems: loaded.problems }
  return { routes: mark(loaded.plan), problems: [] }
}

function mark(plan: Plan): Marks['routes'] {
  return plan.routes.map(({ name, open }) => ({ name, open }))
}

function isJson(text: string): boolean {
  try {
    JSON.parse(text)
    return true
  } catch {
    return false
  }
}
