/** What reading a body as a value may be told, and what it comes to. */
import type { Refusal } from '../errors/refusal.ts'
import { type Format, mediaTypeOf } from '../formats/format.ts'
import { formatOf } from '../formats/media-type.ts'
import type { CsvOptions, XmlOptions } from '../formats/schema.ts'
import { essenceOf } from '../http/essence.ts'

export interface ReadOptions {
  /** Those that are read; null for every one that the gateway knows. */
  readonly formats: readonly Format[] | null
  readonly maxBytes: number
  /** `tell` refuses too, and leaves the body for who passes it on all the same. */
  readonly onTooLarge: 'refuse' | 'pass' | 'tell'
  readonly xml?: XmlOptions | undefined
  readonly csv?: CsvOptions | undefined
}

export interface WriteOptions {
  readonly xml?: XmlOptions | undefined
  readonly csv?: CsvOptions | undefined
}

/** A body as a value, and the format that it came in. */
export interface ValueOf {
  readonly kind: 'value'
  readonly value: unknown
  readonly format: Format
}

export type ReadValue = ValueOf | { readonly kind: 'untouched' } | Refusal

/** Bodies are small: a value takes several times its bytes of the 128 MB that an isolate has. */
export const DEFAULT_MAX_BYTES = 1_048_576

/** Formats as people call them. */
export const nameOf: Readonly<Record<Format, string>> = {
  json: 'JSON',
  xml: 'XML',
  csv: 'CSV',
  form: 'a form',
  cbor: 'CBOR',
  msgpack: 'MessagePack',
  text: 'text',
}

/**
 * The Content-Type of a body that is written in this format: what it had, where that says the same (`+json` names more
 * than `json`), and text is UTF-8.
 */
export function contentTypeFor(before: string | undefined, format: Format): string {
  if (before === undefined) return mediaTypeOf[format]
  const { format: had, charset } = formatOf(before)
  return had === format && isUtf8(charset) ? before : mediaTypeOf[format]
}

/** Whether text of this label is read as what is written; null is no label. */
export function isUtf8(charset: string | null): boolean {
  return charset === null || charset === 'utf-8' || charset === 'utf8'
}

/** The media types of formats, for who sent another. */
export function mediaTypesOf(formats: readonly Format[] | null): readonly string[] {
  const named = formats ?? (Object.keys(mediaTypeOf) as Format[])
  return named.map((format) => essenceOf(mediaTypeOf[format]))
}
