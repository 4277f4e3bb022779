/** Asks the API server of Kubernetes: waits for a change of the slices where it can, then lists them. */
import type { WakeIo } from '../../state/part.ts'
import type { Reading } from '../core.ts'
import { readEntries } from '../entry-core.ts'
import type { SourceOf } from '../rules.ts'
import { askJson, LIST_TIMEOUT_MS, showToken, unreadable, watchLines } from './ask.ts'
import { judgeChange, kubernetesPath, listSlices } from './kubernetes-core.ts'

export async function readKubernetes(
  source: SourceOf<'kubernetes'>,
  { cursor, waitMs }: { readonly cursor: string | null; readonly waitMs: number | null },
  io: WakeIo,
): Promise<Reading> {
  const headers = showToken('authorization', source.token, { io, prefix: 'Bearer ' })
  let canWatch = true
  if (cursor !== null && waitMs !== null) {
    const seconds = Math.max(1, Math.floor(waitMs / 1000))
    const url = source.url + kubernetesPath(source, { version: cursor, seconds })
    const timeoutMs = waitMs + LIST_TIMEOUT_MS
    canWatch = (await watchLines({ url, headers, timeoutMs }, io, judgeChange)) !== 'failed'
  }
  const url = source.url + kubernetesPath(source, null)
  const told = await askJson({ url, headers, timeoutMs: LIST_TIMEOUT_MS }, io)
  if (told.kind !== 'told') return told.kind === 'failed' ? told : unreadable
  const list = listSlices(told.value, source)
  if (list === null) return unreadable
  // Where watching failed the next look comes by the clock, and the one after it tries to watch again.
  const next = canWatch ? list.version : null
  return { kind: 'list', ...readEntries(list.listed), cursor: next, ttlMs: null }
}
