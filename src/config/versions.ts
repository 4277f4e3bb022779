/** The versions that routes of a table serve, for `/_gateway/versions`. */
import { orderVersions } from '../policies/versions/core.ts'
import type { VersionOptions } from '../policies/versions/schema.ts'
import { choosePolicies } from './policies.ts'
import type { RouteTable } from './schema.ts'

export interface ServedVersion {
  readonly name: string
  /** When, as the table has it. */
  readonly deprecated: string | null
  readonly sunset: string | null
  readonly isRefusedAfter: boolean
}

export interface VersionedRoute {
  readonly route: string
  readonly mode: 'enforce' | 'shadow'
  /** From the oldest to the newest. */
  readonly versions: readonly ServedVersion[]
}

/** The routes with the policy `versions`, in the order of the table. */
export function listVersions(table: RouteTable): readonly VersionedRoute[] {
  return table.routes.flatMap((route, index) =>
    choosePolicies(table, route, index).flatMap(({ entry }) => {
      if (entry.use !== 'versions') return []
      const { versions } = entry
      const mode = entry.mode === 'shadow' ? 'shadow' : 'enforce'
      const served = orderVersions(Object.keys(versions)).map((name) =>
        servedVersion(name, versions[name] ?? {}),
      )
      return [{ route: route.name, mode, versions: served } as const]
    }),
  )
}

function servedVersion(
  name: string,
  { deprecated, sunset, afterSunset }: VersionOptions,
): ServedVersion {
  return {
    name,
    deprecated: deprecated ?? null,
    sunset: sunset ?? null,
    isRefusedAfter: afterSunset === 'refuse',
  }
}
