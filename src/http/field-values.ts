/** What may stand in the name and in the value of a header field (RFC 9110 §5.1, §5.5). */

/** A name: of a header field, a method or a cookie (RFC 9110 §5.6.2, RFC 6265 §4.1.1). */
export const tokenForm = /^[!#$%&'*+\-.^_`|~0-9A-Za-z]+$/

/** Whether a value would end the field or the message it stands in: it has a CR, LF or NUL. */
export function breaksField(value: string): boolean {
  return /[\r\n\0]/.test(value)
}

/** Whether a value is 1 to `most` visible ASCII characters. */
export function isVisibleAscii(value: string, most: number): boolean {
  return value.length <= most && /^[\x21-\x7e]+$/.test(value)
}
