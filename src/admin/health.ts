/** `GET /_gateway/health`: whether a table serves, and what is wrong. In public only places and codes. */
import type { TableStatus } from '../config/live-table.ts'
import type { AdminHandler, AdminParts } from './call.ts'

/** Public: no message, since those quote the table. */
export function bindHealth({ source }: AdminParts): AdminHandler {
  return function health() {
    const status = source.status()
    const problems = status.problems.map(({ pointer, code }) => ({ pointer, code }))
    return answer(status, { problems })
  }
}

/** For the operator: with messages and warnings, and what runs where. */
export function bindFullHealth({ source, build, host }: AdminParts): AdminHandler {
  return function fullHealth() {
    const status = source.status()
    return answer(status, {
      problems: status.problems,
      warnings: status.live?.warnings ?? [],
      build,
      host,
      lookedAt: timeOf(status.lookedAt),
      servedFrom: status.live?.from ?? null,
    })
  }
}

function answer({ live, problems }: TableStatus, more: Record<string, unknown>): Response {
  const status = live === null ? 'no-table' : problems.length > 0 ? 'degraded' : 'ok'
  const table = live && {
    version: live.version,
    loadedAt: timeOf(live.loadedAt),
    routes: live.plan.routes.length,
  }
  return Response.json({ status, table, ...more }, { status: live === null ? 503 : 200 })
}

function timeOf(ms: number | null): string | null {
  return ms === null ? null : new Date(ms).toISOString()
}
