/**
 * Header names that an operator may write, rename and remove. What frames the message belongs to the
 * connection or to the runtime, never to the table (RFC 9110 §7.6.1, RFC 9112 §6).
 */
import * as z from 'zod/mini'
import { tokenForm } from '../http/field-values.ts'
import { framingNames } from '../http/stripped.ts'
import { map, text } from './atoms.ts'
import { withRule } from './rule.ts'

const notFraming = new RegExp(`^(?!(?:${[...framingNames].join('|')})$)`, 'i')

/** A field name (RFC 9110 §5.1) that a policy may touch. */
export const editableHeaderName = text(
  z.regex(tokenForm, { error: 'the name of a header field' }),
  z.regex(notFraming, {
    error:
      'a header field that travels end to end: Host (see `host` of `rewrite`), Content-Length, Connection and their like belong to the runtime',
  }),
)

/** A map by field name. Names that differ in case only are one field: of two the one would be lost in silence. */
export function headerMap<T extends z.core.SomeType>(value: T, name = editableHeaderName) {
  return withRule(map(value, name), (written, note) => {
    const first = new Map<string, string>()
    for (const key of Object.keys(written)) {
      const folded = key.toLowerCase()
      const before = first.get(folded)
      if (before === undefined) first.set(folded, key)
      else note([key], `expected each header field once, found "${before}" and "${key}"`)
    }
  })
}
