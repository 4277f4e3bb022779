/** What the JSON gateway of etcd (v3) says of the keys with a prefix. Pure. */

import { base64Of, bytesOfBase64 } from '../../../http/base64.ts'
import { decodeUtf8 } from '../../../http/utf8.ts'
import type { Listed } from '../entry-core.ts'
import type { Watched } from './ask.ts'

/** The range of all keys that begin with the prefix, both ends in base64. */
export function rangeOf(prefix: string): { readonly key: string; readonly range_end: string } {
  const bytes = new TextEncoder().encode(prefix)
  return { key: base64Of(bytes), range_end: base64Of(endOf(bytes)) }
}

/** The first key behind the prefix. The bytes of UTF-8 are never 0xff, so there is one. */
function endOf(bytes: Uint8Array): Uint8Array {
  const end = bytes.slice()
  const last = end.length - 1
  end[last] = (end[last] ?? 0) + 1
  return end
}

export interface EtcdList {
  readonly listed: readonly Listed[]
  /** The revision that the list is of. */
  readonly revision: string | null
}

interface RangeAnswer {
  readonly header?: { readonly revision?: string }
  readonly kvs?: readonly { readonly value?: string }[]
}

/** Null where it is no answer to a range. */
export function listRange(json: unknown): EtcdList | null {
  const { header, kvs = [] } = (json ?? {}) as RangeAnswer
  if (header?.revision === undefined || !Array.isArray(kvs)) return null
  const { revision } = header
  return {
    listed: kvs.map(({ value }: { value?: string }) => readValue(value ?? '')),
    revision: /^[0-9]{1,19}$/.test(revision) ? revision : null,
  }
}

/** A URL, or JSON: an entry of a list, or the form of etcd's own clients (`Addr`). */
function readValue(value: string): Listed {
  const text = textOf(value).trim()
  if (!text.startsWith('{')) return text
  try {
    const json = JSON.parse(text) as { readonly Addr?: unknown }
    return typeof json.Addr === 'string' ? { url: urlOf(json.Addr) } : json
  } catch {
    return null
  }
}

function urlOf(address: string): string {
  return address.includes('://') ? address : `http://${address}`
}

function textOf(value: string): string {
  const bytes = bytesOfBase64(value)
  return bytes === null ? '' : (decodeUtf8(bytes) ?? '')
}

/** The revision after it, from which a watch misses nothing. */
export function afterRevision(revision: string): string {
  return String(BigInt(revision) + 1n)
}

interface WatchLine {
  readonly result?: {
    readonly canceled?: boolean
    readonly events?: readonly unknown[]
  }
  readonly error?: unknown
}

/** An event means that the list has to be read anew; so does a watch from a revision that was compacted. */
export function judgeEvents(line: unknown): Watched | null {
  const { result, error } = (line ?? {}) as WatchLine
  if (error !== undefined) return 'failed'
  if (result?.canceled === true) return 'changed'
  return (result?.events?.length ?? 0) > 0 ? 'changed' : null
}
