/**
 * Values beside the bodies that were written from them: where two policies change one body, the outer one does not
 * parse what the inner one has just written. An entry lives as long as its body, which belongs to one request.
 */
import type { Format } from '../formats/format.ts'

/** A body as a value, and the form in which it stands written. */
export interface Handed {
  readonly value: unknown
  readonly format: Format
}

const handed = new WeakMap<object, Handed>()

/** Only JSON says the same when it is read again: other forms lose types on the way. */
export function handOn(body: Response | ArrayBuffer, { value, format }: Handed): void {
  if (format === 'json') handed.set(body, { value, format })
}

export function takeHanded(body: object): Handed | undefined {
  return handed.get(body)
}
