/** Reads a routes file as the gateway would, and puts it into the machine's KV. */
import { createHash } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { readJson } from '../src/config/json.ts'
import { loadTable } from '../src/config/load.ts'
import type { Missing } from '../src/config/plan.ts'
import type { Problem } from '../src/config/problem.ts'
import { routesKey } from '../src/config/table-keys.ts'
import { versionOf } from '../src/config/version.ts'
import type { Environment } from '../src/platform/ports.ts'
import type { KvClient } from './kv.ts'

export interface SoundTable {
  readonly kind: 'sound'
  /** Plain JSON, as it stands in KV: comments are gone. */
  readonly text: string
  readonly version: string
  readonly document: RoutesDocument
  /** SHA-256 of the file as it was read, comments included. */
  readonly fileHash: string
  /** What this machine lacks, and what is probably not meant. */
  readonly problems: readonly Problem[]
}

export type Reading =
  | SoundTable
  | {
      readonly kind: 'refused'
      readonly fileHash: string | null
      readonly problems: readonly Problem[]
    }

/** As much of a table as the launcher shows. */
export interface RoutesDocument {
  readonly routes: readonly RouteDocument[]
  readonly upstreams?: Readonly<Record<string, unknown>>
}
export type RouteDocument = Readonly<Record<string, unknown>> & { readonly name: string }

/** The table in the file, or every problem of it. */
export async function readRoutes(
  path: string,
  vars: Readonly<Record<string, string>>,
): Promise<Reading> {
  const source = await readFile(path, 'utf8').catch((error: NodeJS.ErrnoException) => error)
  if (source instanceof Error)
    return { kind: 'refused', fileHash: null, problems: [noFile(source)] }
  const fileHash = createHash('sha256').update(source).digest('hex')
  const loaded = loadTable(source, environmentOf(vars), { comments: true })
  if (loaded.kind === 'invalid') return { kind: 'refused', fileHash, problems: loaded.problems }
  const document = plainJson(source)
  const text = JSON.stringify(document)
  return {
    kind: 'sound',
    text,
    version: await versionOf(text),
    document: document as RoutesDocument,
    fileHash,
    problems: [...loaded.missing.map(lackOf), ...loaded.warnings],
  }
}

/** A sound document without its comments. */
function plainJson(source: string): unknown {
  const reading = readJson(source, { comments: true })
  return reading.kind === 'read' ? reading.value : null
}

// The gateway's own bindings: none of them is a service to send requests to.
const own = new Set(['ASSETS', 'KV', 'TABLE'])

/** What the Worker will have on this machine: it makes no difference between variables and secrets. */
function environmentOf(vars: Readonly<Record<string, string>>): Environment {
  const read = (name: string) =>
    /^(ADMIN|ISOGATE)_/.test(name) || !Object.hasOwn(vars, name) ? undefined : vars[name]
  return { variable: read, secret: read, service: (name) => (own.has(name) ? 'other' : 'absent') }
}

const lackMessages: Readonly<Record<Missing['code'], (name: string) => string>> = {
  SECRET_MISSING: (name) => `there is no secret ${name}: give --var ${name}=…`,
  SECRET_INVALID: (name) => `the secret ${name} does not have the form that is needed here`,
  VARIABLE_MISSING: (name) => `there is no variable ${name}: give --var ${name}=…`,
  SERVICE_MISSING: (name) => `there is no service binding ${name} on this machine`,
}

function lackOf({ pointer, code, name }: Missing): Problem {
  return { pointer, code, message: lackMessages[code](name), severity: 'environment' }
}

/** Puts the table in force: the gateway looks at KV four times a second. */
export async function putTable(kv: KvClient, table: SoundTable): Promise<void> {
  await kv.put(routesKey, table.text, { version: table.version })
}

/** The version that KV holds, or null. */
export async function storedVersion(kv: KvClient): Promise<string | null> {
  const stored = await kv.get(routesKey)
  return stored === null ? null : versionOf(stored.value)
}

/** The problems as lines below the name of the file. */
export function problemLines(path: string, problems: readonly Problem[]): readonly string[] {
  const lines = problems.map(({ pointer, message, severity }) => {
    const mark = severity === 'warning' ? 'warning: ' : ''
    return `  ${mark}${pointer === '' ? '' : `${pointer}: `}${message}`
  })
  const count = problems.length === 1 ? '1 problem' : `${problems.length} problems`
  return [`${path}: ${count}`, ...lines]
}

function noFile(error: NodeJS.ErrnoException): Problem {
  const reason = error.code === 'ENOENT' ? 'there is no such file' : (error.code ?? error.message)
  return { pointer: '', code: 'FILE_UNREADABLE', message: reason, severity: 'form' }
}
