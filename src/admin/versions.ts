/**
 * `GET /_gateway/versions`: which versions of an API the routes serve, when they end, and who used which within the
 * last 90 days, over all isolates. `?route=` asks of one route.
 */
import { tellUsesNow } from '../buckets/uses/counts.ts'
import type { UsesLine, UsesView } from '../buckets/uses/messages.ts'
import type { ServedVersion, VersionedRoute } from '../config/versions.ts'
import { type Refusal, refuse } from '../errors/refusal.ts'
import type { AdminCall, AdminHandler, AdminParts } from './call.ts'

// Across an ocean 0.3 s; an object that takes longer than this is as good as gone.
const CALL_TIMEOUT_MS = 5_000

export function bindVersionList({ source }: AdminParts): AdminHandler {
  return async function listVersions(call) {
    const { plan } = source
    if (plan === null) return source.missing
    const route = new URLSearchParams(call.target.query).get('route')
    // What this isolate counted since it told the object last belongs to the answer.
    await tellUsesNow(call.ports)
    const view = await read(route, call)
    if (view === null) return unavailable
    const served = plan.versions().filter((one) => route === null || one.route === route)
    return Response.json({
      countedSince: isoOf(view.since),
      isCut: view.isCut,
      routes: routesOf(served, view.lines),
    })
  }
}

const unavailable: Refusal = refuse('STORE_UNAVAILABLE', {
  detail: 'The object that counts does not answer.',
  headers: { 'Retry-After': '1' },
})

/** Null where the object cannot be asked, or takes too long. */
async function read(route: string | null, { ports }: AdminCall): Promise<UsesView | null> {
  const alarm = ports.timers.after(CALL_TIMEOUT_MS)
  try {
    return await Promise.race([ports.versionUses.read(route), alarm.done.then(() => null)])
  } catch {
    return null
  } finally {
    alarm.cancel()
  }
}

function isoOf(time: number | null): string | null {
  return time === null ? null : new Date(time).toISOString()
}

/** Those of the table, then what was counted of routes that it no longer has. */
function routesOf(served: readonly VersionedRoute[], lines: readonly UsesLine[]): object[] {
  const counted = Map.groupBy(lines, ({ route }) => route)
  const listed = new Set(served.map(({ route }) => route))
  const gone = [...counted.keys()].filter((route) => !listed.has(route))
  return [
    ...served.map(({ route, mode, versions }) => ({
      route,
      mode,
      versions: versionsOf(versions, counted.get(route) ?? []),
    })),
    ...gone.map((route) => ({
      route,
      mode: null,
      versions: versionsOf([], counted.get(route) ?? []),
    })),
  ]
}

function versionsOf(served: readonly ServedVersion[], lines: readonly UsesLine[]): object[] {
  const counted = Map.groupBy(lines, ({ version }) => version)
  const listed = new Set(served.map(({ name }) => name))
  const gone = [...counted.keys()].filter((version) => !listed.has(version))
  return [
    ...served.map(({ name, deprecated, sunset, isRefusedAfter }) => ({
      version: name,
      inTable: true,
      deprecated,
      sunset,
      afterSunset: isRefusedAfter ? 'refuse' : 'serve',
      ...usesOf(counted.get(name) ?? []),
    })),
    ...gone.map((version) => ({
      version,
      inTable: false,
      deprecated: null,
      sunset: null,
      afterSunset: null,
      ...usesOf(counted.get(version) ?? []),
    })),
  ]
}

/** Lines stand with the last seen first, and so do callers. */
function usesOf(lines: readonly UsesLine[]) {
  return {
    uses: lines.reduce((sum, { uses }) => sum + uses, 0),
    lastSeen: isoOf(lines[0]?.lastSeenAt ?? null),
    callers: lines.map(({ caller, uses, lastSeenAt }) => {
      const [kind = '', ...name] = caller.split(':')
      return {
        kind,
        name: name.length === 0 ? null : name.join(':'),
        uses,
        lastSeen: isoOf(lastSeenAt),
      }
    }),
  }
}
