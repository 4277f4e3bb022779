/** Forms of paths that an operator writes: what is there as text is read by a service as it is written. */
import * as z from 'zod/mini'
import { keepAll, normalizePath } from '../match/normalize.ts'

/** Whether no segment is "." or "..", be it escaped, and every escape is one. */
export function isResolved(path: string): boolean {
  if (/\/(?:\.|%2e){1,2}(?=\/|$)/i.test(path)) return false
  return typeof normalizePath(path, keepAll) === 'string'
}

const expected =
  'a path that starts with "/", without query, dot segments and broken percent-encoding'

/** A path with `${…}`, judged with a letter in the place of each value: values have rules of their own. */
export const pathTemplateForm: readonly z.core.$ZodCheck<string>[] = [
  z.regex(/^\/[^?#\\]*$/, { error: expected }),
  z.refine((written: string) => isResolved(written.replace(/\$\{[^}]*\}/g, 'x')), {
    error: `expected ${expected}`,
  }) as z.core.$ZodCheck<string>,
]
