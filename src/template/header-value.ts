/** The value of a header field as a table writes it: a template, or a secret, which is read once, when bound. */
import { breaksField } from '../http/field-values.ts'
import { Secret } from '../http/secret.ts'
import type { BindScope } from '../pipeline/policy.ts'
import type { SecretRef } from '../schema/atoms.ts'
import { type BoundTemplate, bindTemplate } from './template.ts'

/** Where the value stands: under the key `list` of the scope's object, by the field's name as written. */
export interface FieldPlace {
  readonly list: string
  readonly field: string
}

/** Binds the value; a secret that this Worker lacks is noted in the scope. */
export function bindHeaderValue(
  value: string | SecretRef,
  { list, field }: FieldPlace,
  scope: BindScope,
): BoundTemplate {
  if (typeof value === 'string') return bindTemplate(value, 'header')
  const known = scope.environment.secret(value.secret)
  // Blanks around a value are no part of it (Fetch §2.2.2): a file that ends in a line break is a fine secret.
  const text = known?.trim()
  if (text === undefined || breaksField(text)) {
    // "~" is the one character of a field name that a JSON Pointer escapes (RFC 6901 §3).
    const pointer = `${scope.pointer}/${list}/${field.replaceAll('~', '~0')}`
    const code = text === undefined ? 'SECRET_MISSING' : 'SECRET_INVALID'
    const form = text === undefined ? undefined : 'without line breaks and NUL'
    scope.missing(pointer, code, value.secret, form)
  }
  const secret = new Secret(`${value.prefix ?? ''}${text ?? ''}`)
  // No constant, though it never changes: whoever prints a plan must not find it.
  return { constant: null, render: () => secret.reveal() }
}
