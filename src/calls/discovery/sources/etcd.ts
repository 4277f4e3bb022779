/** Asks etcd over its JSON gateway: waits for an event within the prefix where it can, then reads the range. */
import type { WakeIo } from '../../state/part.ts'
import type { Reading } from '../core.ts'
import { MAX_ENTRIES, readEntries } from '../entry-core.ts'
import type { SourceOf } from '../rules.ts'
import { askJson, LIST_TIMEOUT_MS, showToken, unreadable, watchLines } from './ask.ts'
import { afterRevision, judgeEvents, listRange, rangeOf } from './etcd-core.ts'

export async function readEtcd(
  { url, prefix, token }: SourceOf<'etcd'>,
  { cursor, waitMs }: { readonly cursor: string | null; readonly waitMs: number | null },
  io: WakeIo,
): Promise<Reading> {
  const range = rangeOf(prefix)
  const post = {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...showToken('authorization', token, { io }) },
  } as const
  let canWatch = true
  if (cursor !== null && waitMs !== null) {
    const request = { create_request: { ...range, start_revision: afterRevision(cursor) } }
    const question = {
      ...post,
      url: `${url}/v3/watch`,
      body: JSON.stringify(request),
      timeoutMs: waitMs,
    }
    canWatch = (await watchLines(question, io, judgeEvents)) !== 'failed'
  }
  const told = await askJson(
    {
      ...post,
      url: `${url}/v3/kv/range`,
      // One more than counts, so that it shows that there are too many.
      body: JSON.stringify({ ...range, limit: MAX_ENTRIES + 1 }),
      timeoutMs: LIST_TIMEOUT_MS,
    },
    io,
  )
  if (told.kind !== 'told') return told.kind === 'failed' ? told : unreadable
  const list = listRange(told.value)
  if (list === null) return unreadable
  // Where watching failed the next look comes by the clock, and the one after it tries to watch again.
  const next = canWatch ? list.revision : null
  return { kind: 'list', ...readEntries(list.listed), cursor: next, ttlMs: null }
}
