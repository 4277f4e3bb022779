/** Whether a regular expression of the table may run: it must compile with flag `u`. */

export type LinearVerdict =
  | { readonly kind: 'linear' }
  | { readonly kind: 'refused'; readonly reason: string }

/** Judges the source of a JavaScript regular expression with flag `u`. */
export function checkLinear(source: string): LinearVerdict {
  try {
    new RegExp(source, 'u')
    return { kind: 'linear' }
  } catch {
    return { kind: 'refused', reason: 'it is no JavaScript regular expression with flag "u"' }
  }
}
