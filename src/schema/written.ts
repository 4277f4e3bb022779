/** What rules see: objects as written, in a document that was not judged yet. No schema, so that all may import it. */

/** Notes a problem: `path` leads from the object to the value, `message` says what was found and expected. */
export type Note = (path: readonly (string | number)[], message: string) => void

/** The object as written: any of its values may still be wrong, so a rule looks before it trusts. */
export type Written = Readonly<Record<string, unknown>>

export function isWrittenObject(value: unknown): value is Written {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
