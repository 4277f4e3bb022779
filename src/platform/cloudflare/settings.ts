/** The gateway's own variables and secrets, read once per isolate. What is not set may be undefined, null or empty. */
import type { AdminConfig } from '../../admin/config.ts'
import type { LogForm } from '../../observe/line.ts'
import { type Host, readHost } from './host.ts'

export interface Settings {
  readonly host: Host
  /** Names this build: a table that it accepted is not judged again by each isolate. Empty: unknown. */
  readonly build: string
  readonly log: LogForm
  readonly admin: AdminConfig
}

export function readSettings(env: Readonly<Record<string, unknown>>): Settings {
  return {
    host: readHost(env),
    build: readText(env, 'ISOGATE_BUILD') ?? readVersionId(env) ?? '',
    log: readLogForm(readText(env, 'ISOGATE_LOG')),
    admin: {
      token: readText(env, 'ADMIN_TOKEN'),
      nextToken: readText(env, 'ADMIN_TOKEN_NEXT'),
      hosts: readHosts(readText(env, 'ADMIN_HOSTS')),
    },
  }
}

function readText(env: Readonly<Record<string, unknown>>, name: string): string | null {
  const value = env[name]
  return typeof value === 'string' && value !== '' ? value : null
}

/** Cloudflare's id of the deployed version (binding `version_metadata`). */
function readVersionId(env: Readonly<Record<string, unknown>>): string | null {
  const metadata = env.CF_VERSION_METADATA
  if (typeof metadata !== 'object' || metadata === null || !('id' in metadata)) return null
  return typeof metadata.id === 'string' ? metadata.id : null
}

function readLogForm(text: string | null): LogForm {
  return text === 'pretty' || text === 'off' ? text : 'json'
}

/** A variable that is set and names no host hides the surface everywhere: a slip must not open it. */
function readHosts(list: string | null): ReadonlySet<string> | null {
  if (list === null) return null
  const names = list.split(',').map((name) => name.trim().toLowerCase().replace(/\.$/, ''))
  return new Set(names.filter((name) => name !== ''))
}
