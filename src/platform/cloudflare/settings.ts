/** The gateway's own variables, read once per isolate; those of the admin surface are read in admin/config.ts. */
import type { LogForm } from './event-sink.ts'
import { type Host, readHost } from './host.ts'

export interface Settings {
  readonly host: Host
  /** Names this build: a table that it accepted is not judged again by each isolate. Empty: unknown. */
  readonly build: string
  readonly log: LogForm
}

export function readSettings(env: Readonly<Record<string, unknown>>): Settings {
  return {
    host: readHost(env),
    build: readText(env, 'ISOGATE_BUILD') ?? readVersionId(env) ?? '',
    log: readLogForm(readText(env, 'ISOGATE_LOG')),
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
