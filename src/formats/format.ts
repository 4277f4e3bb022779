/** Which formats bodies are read from and written in, and what reading and writing come to. Nothing here throws. */

export type Format = 'json' | 'xml' | 'csv' | 'form' | 'cbor' | 'msgpack' | 'text'

/** The Content-Type of what is written: text is always UTF-8, which JSON, XML and forms are without saying so. */
export const mediaTypeOf: Readonly<Record<Format, string>> = {
  json: 'application/json',
  xml: 'application/xml',
  csv: 'text/csv; charset=utf-8',
  form: 'application/x-www-form-urlencoded',
  cbor: 'application/cbor',
  msgpack: 'application/vnd.msgpack',
  text: 'text/plain; charset=utf-8',
}

/** What a body that is not what it says comes to; `reason` is for people and holds none of its values. */
export interface Invalid {
  readonly kind: 'invalid'
  readonly reason: string
}

export type Decoded = { readonly kind: 'value'; readonly value: unknown } | Invalid
export type Encoded = { readonly kind: 'bytes'; readonly bytes: ArrayBuffer | string } | Invalid

export function invalid(reason: string): Invalid {
  return { kind: 'invalid', reason }
}

/**
 * How deep values may be, in every format. Expressions, the steps of transformations and writers recurse, and run
 * out of stack at a few thousand levels; documents that mean something have less than fifty.
 */
export const MAX_DEPTH = 256

/** Sets a field under a name that came from outside: `__proto__` is a name like any other. */
export function put(fields: Record<string, unknown>, name: string, value: unknown): void {
  if (name !== '__proto__') {
    fields[name] = value
    return
  }
  Object.defineProperty(fields, name, {
    value,
    configurable: true,
    enumerable: true,
    writable: true,
  })
}
