/** `PUT /_gateway/routes`: replaces the table, or says everything that is wrong with the new one. */
import type { Problem } from '../config/problem.ts'
import { acceptTable, refuseTable } from './accept-table.ts'
import { readText } from './body.ts'
import type { AdminHandler, AdminParts } from './call.ts'
import { concludeChange } from './change.ts'
import { parseIfMatch } from './if-match.ts'

const MAX_TABLE_BYTES = 25 * 1024 * 1024 // the largest value that KV takes

export function bindPutRoutes(parts: AdminParts): AdminHandler {
  return async function putRoutes(call) {
    const body = await readText(call, MAX_TABLE_BYTES)
    if (body.kind === 'refused') return body
    if (body.kind === 'undecodable') return refuseTable([notUtf8])
    const table = await acceptTable(body.text, parts)
    if (table.kind === 'refused') return table
    const { text, version, plan } = table
    const outcome = await parts.portsOf(call.ports).versions.put({
      text,
      version,
      routes: plan.routes.length,
      build: parts.build,
      ifMatch: parseIfMatch(call.received['if-match']),
    })
    return concludeChange(outcome, table, parts, call)
  }
}

const notUtf8: Problem = {
  pointer: '',
  code: 'SYNTAX_INVALID',
  message: 'expected JSON in UTF-8, found bytes that are none',
  found: 'bytes that are no UTF-8',
  expected: 'JSON in UTF-8',
  severity: 'form',
}
