/** The component `@query-param` of a signature (RFC 9421 §2.2.8): one parameter, encoded in the one form. Pure. */

/** The value of the parameter whose encoded name this is; null where there is none or more than one. */
export function queryParamValue(query: string, encodedName: string): string | null {
  const values: string[] = []
  for (const [name, value] of new URLSearchParams(query)) {
    if (encode(name) === encodedName) values.push(encode(value))
  }
  const [only] = values
  return values.length === 1 && only !== undefined ? only : null
}

/** All but ASCII letters, digits and "*-._" is percent-encoded, a space as %20. */
function encode(text: string): string {
  return encodeURIComponent(text.toWellFormed()).replace(
    /[!'()~]/g,
    (character) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`,
  )
}
