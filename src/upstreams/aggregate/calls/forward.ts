/**
 * Which fields of the client a call of an aggregate takes along. An identity never goes by accident: what stands for
 * it (authorization, cookies, what identity policies write) goes where the table lists it, and nowhere else.
 */
import { emptyFields, type Fields } from '../../../http/headers.ts'
import { framingNames } from '../../../http/stripped.ts'
import type { Exchange } from '../../../pipeline/exchange.ts'
import type { CallSpec } from '../schema.ts'

/** The trace, and what the gateway says of where the request came from: it writes them anew, whatever the client sent. */
const always: readonly string[] = [
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

/** What the client's own fields come to where the table lists none (ROUTES.md §6). */
const unlisted: readonly string[] = ['accept-language']

/** The client's fields that a call takes along, in lower case. */
export function listedFields({ forwardHeaders }: Pick<CallSpec, 'forwardHeaders'>): string[] {
  return (forwardHeaders ?? unlisted).map((name) => name.toLowerCase())
}

/** Those of them that may say who the client is: any but its language. */
export function tellingFields(spec: Pick<CallSpec, 'forwardHeaders'>): readonly string[] {
  return listedFields(spec).filter((name) => !unlisted.includes(name))
}

export function bindForwardedFields(listed: readonly string[]): (exchange: Exchange) => Fields {
  const names = [...new Set([...always, ...listed])].filter((name) => !never.has(name))
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
