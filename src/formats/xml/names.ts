/** Names of XML: QName of Namespaces in XML 1.0 §3, which is a name with at most one colon, between two others. */

/**
 * U+1680 and U+FEFF are left out, though XML has them: parsers that look for blanks by \s, as JavaScript means it,
 * would see two names in one.
 */
const start =
  'A-Z_a-z\\u00C0-\\u00D6\\u00D8-\\u00F6\\u00F8-\\u02FF\\u0370-\\u037D\\u037F-\\u167F\\u1681-\\u1FFF\\u200C\\u200D' +
  '\\u2070-\\u218F\\u2C00-\\u2FEF\\u3001-\\uD7FF\\uF900-\\uFDCF\\uFDF0-\\uFEFE\\uFF00-\\uFFFD\\u{10000}-\\u{EFFFF}'
const part = `[${start}][${start}\\-.0-9\\u00B7\\u0300-\\u036F\\u203F-\\u2040]*`

/** The source of an expression, for the flag `u`. */
export const QNAME = `${part}(?::${part})?`

const whole = new RegExp(`^${QNAME}$`, 'u')

export function isXmlName(text: string): boolean {
  return whole.test(text)
}

/** The prefix of a name, empty where it has none, and the rest. */
export function splitName(name: string): readonly [prefix: string, local: string] {
  const colon = name.indexOf(':')
  return colon === -1 ? ['', name] : [name.slice(0, colon), name.slice(colon + 1)]
}

/** What no document of XML 1.0 may hold, not even by reference (§2.2); lone surrogates aside. */
const forbidden = /[\0-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]/

/** Whether XML can carry this text. */
export function isXmlText(text: string): boolean {
  return !forbidden.test(text) && text.isWellFormed()
}
