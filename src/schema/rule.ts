/** Rules about several keys of one object, told at the key that the operator has to mend. */
import * as z from 'zod/mini'
import { isWrittenObject, type Note, type Written } from './written.ts'

export type { Note, Written }

/** Adds a rule to an object's schema; it is asked even when single values are wrong, so that all is told at once. */
export function withRule<T extends z.ZodMiniType>(
  schema: T,
  rule: (written: Written, note: Note) => void,
): T {
  const check = z.check<unknown>((payload) => {
    const written = payload.value as Written
    rule(written, (path, message) => {
      payload.issues.push({
        code: 'custom',
        message,
        path: [...path],
        input: written,
        continue: true,
      })
    })
  })
  check._zod.def.when = (payload) => isWrittenObject(payload.value)
  return (schema.check as (check: unknown) => T)(check)
}

/** Notes unless at least one of the keys is there. */
export function needOneOf(written: Written, note: Note, keys: readonly string[]): void {
  if (keys.some((key) => written[key] !== undefined)) return
  note([], `expected at least one of ${keys.map((key) => `"${key}"`).join(', ')}`)
}
