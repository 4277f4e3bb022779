/** Messages of a service as JSON (protobuf.dev/programming-guides/json): 64-bit integers are strings, names in lowerCamelCase. */
import type { DescMessage } from '@bufbuild/protobuf'
import type { Api } from './api.ts'
import { fieldNamed } from './fields-core.ts'

/** The text for one message; null where the bytes are no such message. */
export type Print = (bytes: Uint8Array) => string | null

interface PrintOptions {
  readonly emitDefaults: boolean
  /** The field that is sent in the place of the message; null sends all of it. */
  readonly field: string | null
}

export function bindPrint(
  message: DescMessage,
  api: Api,
  { emitDefaults, field }: PrintOptions,
): Print {
  const { library, registry } = api
  const only = field === null ? null : fieldNamed(message, field)
  return function print(bytes) {
    try {
      const read = library.fromBinary(message, bytes)
      const json = library.toJson(message, read, { registry, alwaysEmitImplicit: emitDefaults })
      if (only === null) return JSON.stringify(json)
      const found = (json as Readonly<Record<string, unknown>>)[only.jsonName]
      if (found !== undefined) return JSON.stringify(found)
      // What is not there has its default, which only the whole message can tell.
      const all = library.toJson(message, read, { registry, alwaysEmitImplicit: true })
      return JSON.stringify((all as Readonly<Record<string, unknown>>)[only.jsonName] ?? null)
    } catch {
      return null
    }
  }
}
