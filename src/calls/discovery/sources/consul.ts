/** Asks Consul; with an index the answer comes when something changed, or when the time is over (a blocking query). */
import type { WakeIo } from '../../state/part.ts'
import type { Reading } from '../core.ts'
import { readEntries } from '../entry-core.ts'
import type { SourceOf } from '../rules.ts'
import { askJson, LIST_TIMEOUT_MS, showToken, unreadable } from './ask.ts'
import { consulPath, listConsul, nextIndex } from './consul-core.ts'

export async function readConsul(
  source: SourceOf<'consul'>,
  { cursor, waitMs }: { readonly cursor: string | null; readonly waitMs: number | null },
  io: WakeIo,
): Promise<Reading> {
  const seconds = waitMs === null ? 0 : Math.max(1, Math.floor(waitMs / 1000))
  const wait = cursor === null || waitMs === null ? null : { index: cursor, seconds }
  const told = await askJson(
    {
      url: source.url + consulPath(source, wait),
      headers: showToken('x-consul-token', source.token, { io }),
      // Consul adds up to a sixteenth, so that not all come back at once.
      timeoutMs: LIST_TIMEOUT_MS + (wait === null ? 0 : Math.ceil(1.1 * 1000 * seconds)),
    },
    io,
  )
  if (told.kind !== 'told') return told.kind === 'failed' ? told : unreadable
  const listed = listConsul(told.value, source)
  if (listed === null) return unreadable
  const next = nextIndex(told.headers.get('x-consul-index'), cursor)
  return { kind: 'list', ...readEntries(listed), cursor: next, ttlMs: null }
}
