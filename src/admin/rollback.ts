/**
 * `POST /_gateway/routes/rollback`: puts the table that was in force before, or the version that the body
 * (`{ "version": "…" }`) or `?version=` names. Twice without a version is there and back again.
 */
import { type Refusal, refuse } from '../errors/refusal.ts'
import { acceptTable } from './accept-table.ts'
import { readText } from './body.ts'
import type { AdminCall, AdminHandler, AdminParts } from './call.ts'
import { concludeChange, refuseUnavailable } from './change.ts'
import { parseIfMatch } from './if-match.ts'

const MAX_BODY_BYTES = 1_024

export function bindRollback(parts: AdminParts): AdminHandler {
  return async function rollback(call) {
    const named = await readVersion(call)
    if (named !== null && typeof named !== 'string') return named
    const { versions } = parts.portsOf(call.ports)
    const found = await versions.read(named === null ? 'previous' : { version: named })
    switch (found.kind) {
      case 'unavailable':
        return refuseUnavailable(found)
      case 'empty':
      case 'unknown-version':
        return refuse('TABLE_VERSION_UNKNOWN')
      case 'read':
    }
    // An older build may have taken what this one refuses.
    const table = await acceptTable(found.text, parts)
    if (table.kind === 'refused') return table
    const outcome = await versions.rollback({
      version: found.version,
      build: parts.build,
      // Without a condition of the caller: what "before" means may not have changed since it was read.
      ifMatch:
        parseIfMatch(call.received['if-match']) ??
        (found.current === null ? null : [found.current]),
    })
    return concludeChange(outcome, table, parts, call)
  }
}

async function readVersion(call: AdminCall): Promise<string | null | Refusal> {
  const inQuery = new URLSearchParams(call.target.query).get('version')
  if (inQuery !== null) return inQuery
  const body = await readText(call, MAX_BODY_BYTES)
  if (body.kind === 'refused') return body
  if (body.kind === 'undecodable') return invalid()
  if (body.text.trim() === '') return null
  try {
    const { version = null } = JSON.parse(body.text) as { version?: unknown }
    return version === null || typeof version === 'string' ? version : invalid()
  } catch {
    return invalid()
  }
}

function invalid(): Refusal {
  return refuse('BODY_INVALID', { detail: 'Send no body, or { "version": "<version>" }.' })
}
