/**
 * Which fields of the client a call of an aggregate takes along. An identity never goes by accident: what stands for
 * it (authorization, cookies, what identity policies write) goes where the table lists it, and nowhere else.
 */
import { emptyFields, type Fields } from '../../../http/headers.ts'
import { framingNames } from '../../../http/stripped.ts'
import type { Exchange } from '../../../pipeline/exchange.ts'

/** The language, the trace, and what the gateway says of where the request came from. */
const always: readonly string[] = [
  'accept-language',
  'traceparent',
  'tracestate',
  'forwarded',
  'x-forwarded-for',
  'x-forwarded-proto',
  'x-forwarded-host',
  'x-real-ip',
  'via',
]

/** Of the body of the client's request, and conditions and ranges of the whole answer: they say nothing to a part. */
const never: ReadonlySet<string> = new Set([
  ...framingNames,
  'content-encoding',
  'content-type',
  'if-match',
  'if-modified-since',
  'if-none-match',
  'if-range',
  'if-unmodified-since',
  'range',
])

export function bindForwardedFields(
  listed: readonly string[] = [],
): (exchange: Exchange) => Fields {
  const names = [...new Set([...always, ...listed.map((name) => name.toLowerCase())])].filter(
    (name) => !never.has(name),
  )
  return function forwardFields({ outgoing, idHeader }) {
    const fields = emptyFields()
    for (const name of names) {
      const value = outgoing.headers[name]
      if (value !== undefined) fields[name] = value
    }
    if (idHeader !== null) {
      const id = outgoing.headers[idHeader]
      if (id !== undefined) fields[idHeader] = id
    }
    return fields
  }
}
