/** Asks a URL for a list of targets in JSON; with an entity tag only for one that changed (RFC 9110 §13.1.2). */
import type { WakeIo } from '../../state/part.ts'
import type { Reading } from '../core.ts'
import { readEntries } from '../entry-core.ts'
import type { SourceOf } from '../rules.ts'
import { askJson, LIST_TIMEOUT_MS, showToken, unreadable } from './ask.ts'

export async function readHttp(
  { url, token }: SourceOf<'http'>,
  cursor: string | null,
  io: WakeIo,
): Promise<Reading> {
  const headers = {
    ...showToken('authorization', token, { io, prefix: 'Bearer ' }),
    ...(cursor === null ? {} : { 'if-none-match': cursor }),
  }
  const told = await askJson({ url, headers, timeoutMs: LIST_TIMEOUT_MS }, io)
  if (told.kind === 'failed') return told
  if (told.kind === 'unchanged') return { kind: 'unchanged', cursor }
  if (!Array.isArray(told.value)) return unreadable
  const next = told.headers.get('etag')
  return { kind: 'list', ...readEntries(told.value), cursor: next, ttlMs: null }
}
