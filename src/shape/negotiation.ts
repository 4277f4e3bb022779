/** Which form an answer goes out in: chosen by Accept (RFC 9110 §12.5.1) among the formats that a policy names. Pure. */
import { type Format, mediaTypeOf } from '../formats/format.ts'
import { chooseMediaType } from '../http/accept.ts'
import { essenceOf } from '../http/essence.ts'

/** What is chosen by Accept: a format, and the media type under which the client knows it. */
export interface Form {
  readonly format: Format
  readonly contentType: string
}

/** Other names under which clients ask for a format. */
const aliases: Readonly<Partial<Record<Format, readonly string[]>>> = {
  xml: ['text/xml'],
  msgpack: ['application/msgpack', 'application/x-msgpack'],
}

export interface Negotiation {
  /** Null where none is acceptable. */
  choose(accept: string | undefined): Form | null
  /** One name for each format, for who asked for none of them. */
  readonly available: readonly string[]
}

/** Binds what there is to choose from; formats before their other names, so that of equals the first format wins. */
export function bindNegotiation(formats: readonly Format[]): Negotiation {
  const forms = new Map<string, Form>()
  for (const format of formats) {
    const contentType = mediaTypeOf[format]
    forms.set(essenceOf(contentType), { format, contentType })
  }
  const available = [...forms.keys()]
  for (const format of formats) {
    for (const contentType of aliases[format] ?? []) forms.set(contentType, { format, contentType })
  }
  const all = [...forms.keys()]
  return {
    available,
    choose(accept) {
      const chosen = chooseMediaType(accept, all)
      return chosen === null ? null : (forms.get(chosen) ?? null)
    },
  }
}
