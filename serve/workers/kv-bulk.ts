/** `POST /bulk/get`: up to 100 keys in one call, as text or as JSON, with or without metadata. */
import { type Refused, refused, vetCacheTtl, vetKey } from './kv-limits.ts'
import type { Entry } from './kv-store.ts'

const MAX_KEYS = 100 // Cloudflare's limit of one bulk get.
const MAX_BYTES = 25 * 1024 * 1024 // Of all values together.

interface BulkQuestion {
  readonly keys?: unknown
  readonly type?: unknown
  readonly withMetadata?: unknown
  readonly cacheTtl?: unknown
}

/** Answers with one object, key → value (or `{ value, metadata }`), null where there is none. */
export async function bulkGet(
  body: ArrayBuffer,
  read: (keys: readonly string[]) => Promise<(Entry | null)[]>,
): Promise<Response | Refused> {
  const question = parseJson(new TextDecoder().decode(body)) as BulkQuestion | undefined
  const keys = question?.keys
  if (!question || !Array.isArray(keys) || keys.length === 0) return refused(400, 'No keys')
  if (keys.length > MAX_KEYS) {
    return refused(400, `You can request a maximum of ${MAX_KEYS} keys`)
  }
  const type = question.type ?? 'text'
  if (type !== 'text' && type !== 'json') {
    return refused(400, `"${String(type)}" is not a valid type. Use "json" or "text"`)
  }
  const names = keys.map(String)
  const cacheTtl = question.cacheTtl === undefined ? null : String(question.cacheTtl)
  const bad = vetCacheTtl(cacheTtl) ?? names.map(vetKey).find((verdict) => verdict !== null)
  if (bad) return bad

  const entries = await read(names)
  const total = entries.reduce((bytes, entry) => bytes + (entry?.value.byteLength ?? 0), 0)
  if (total > MAX_BYTES) return refused(413, 'Total size of request exceeds the limit of 25MB')

  const answer: Record<string, unknown> = Object.create(null)
  for (const [index, name] of names.entries()) {
    const entry = entries[index] ?? null
    if (!entry) {
      answer[name] = null
      continue
    }
    const text = new TextDecoder().decode(entry.value)
    const value = type === 'json' ? parseJson(text) : text
    if (value === undefined) {
      return refused(400, 'At least one of the requested keys corresponds to a non-json value')
    }
    const metadata = entry.metadata === null ? null : parseJson(entry.metadata)
    answer[name] = question.withMetadata ? { value, metadata } : value
  }
  return Response.json(answer)
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}
