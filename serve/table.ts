/** Reads a routes file as the gateway would, and puts it into the machine's KV. */
import { createHash } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { readJson } from '../src/config/json.ts'
import { loadTable } from '../src/config/load.ts'
import type { Problem } from '../src/config/problem.ts'
import { problemLines } from '../src/config/report.ts'
import { routesKey } from '../src/config/table-keys.ts'
import { versionOf } from '../src/config/version.ts'
import { makeEnvironment } from '../src/platform/environment.ts'
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
  /** The file as it was read. */
  readonly source: string
  /** What this machine lacks, and what is probably not meant. */
  readonly problems: readonly Problem[]
}

export type Reading =
  | SoundTable
  | {
      readonly kind: 'refused'
      /** Null where the file could not be read; then `source` is empty. */
      readonly fileHash: string | null
      readonly source: string
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
  if (source instanceof Error) {
    return { kind: 'refused', fileHash: null, source: '', problems: [noFile(source)] }
  }
  const fileHash = createHash('sha256').update(source).digest('hex')
  const loaded = loadTable(source, environmentOf(vars), { comments: true })
  if (loaded.kind === 'invalid') {
    return { kind: 'refused', fileHash, source, problems: loaded.problems }
  }
  const document = plainJson(source)
  const text = JSON.stringify(document)
  return {
    kind: 'sound',
    text,
    version: await versionOf(text),
    document: document as RoutesDocument,
    fileHash,
    source,
    problems: [...loaded.lacks, ...loaded.warnings],
  }
}

/** A sound document without its comments. */
function plainJson(source: string): unknown {
  const reading = readJson(source, { comments: true })
  return reading.kind === 'read' ? reading.value : null
}

/** What the Worker will have on this machine: a service binding needs another Worker, and there is none. */
function environmentOf(vars: Readonly<Record<string, string>>): Environment {
  return makeEnvironment({
    text: (name) => (Object.hasOwn(vars, name) ? vars[name] : undefined),
    service: () => 'absent',
  })
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

/** What KV holds, where a person may be shown it: another tool may have written what is no table. */
export async function storedDocument(kv: KvClient): Promise<RoutesDocument | null> {
  const stored = await kv.get(routesKey)
  const document = stored === null ? null : plainJson(stored.value)
  const hasRoutes = typeof document === 'object' && document !== null && 'routes' in document
  return hasRoutes && Array.isArray(document.routes) ? (document as RoutesDocument) : null
}

/** The problems of the file in lines, and how to give what is missing. */
export function tellProblems(path: string, { source, problems }: Reading): readonly string[] {
  const isLacking = problems.some(({ code }) => /^(VARIABLE|SECRET)_/.test(code))
  const advice = 'variables and secrets are given by --var NAME=VALUE'
  return [...problemLines(path, source, problems), ...(isLacking ? [advice] : [])]
}

function noFile(error: NodeJS.ErrnoException): Problem {
  const reason = error.code === 'ENOENT' ? 'there is no such file' : (error.code ?? error.message)
  return { pointer: '', code: 'FILE_UNREADABLE', message: reason, severity: 'form' }
}
