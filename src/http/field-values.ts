/** What may stand in the value of a header field (RFC 9110 §5.5). */

/** Whether a value would end the field or the message it stands in: it has a CR, LF or NUL. */
export function breaksField(value: string): boolean {
  return /[\r\n\0]/.test(value)
}

/** Whether a value is 1 to `most` visible ASCII characters. */
export function isVisibleAscii(value: string, most: number): boolean {
  return value.length <= most && /^[\x21-\x7e]+$/.test(value)
}
