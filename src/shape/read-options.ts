/** What reading a body as a value may be told, and what it comes to. */
import type { Refusal } from '../errors/refusal.ts'
import { type Format, mediaTypeOf } from '../formats/format.ts'
import type { CsvOptions, XmlOptions } from '../formats/schema.ts'

export interface ReadOptions {
  /** Those that are read; null for every one that the gateway knows. */
  readonly formats: readonly Format[] | null
  readonly maxBytes: number
  readonly onTooLarge: 'refuse' | 'pass'
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

/** The media types of formats, for who sent another. */
export function mediaTypesOf(formats: readonly Format[] | null): readonly string[] {
  const named = formats ?? (Object.keys(mediaTypeOf) as Format[])
  return named.map((format) => mediaTypeOf[format].split(';', 1)[0] as string)
}
