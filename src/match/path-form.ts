/**
 * Forms of paths that an operator writes for services and clients: what is there as text is read as it is
 * written, so it has no dot segments and no broken escapes.
 */
import * as z from 'zod/mini'
import { described, object, text } from '../schema/atoms.ts'
import { isResolved } from './resolved.ts'

const expected =
  'a path that starts with "/", without query, dot segments and broken percent-encoding'

/** A path with `${…}`, judged with a letter in the place of each value: values have rules of their own. */
export const pathTemplateForm: readonly z.core.$ZodCheck<string>[] = [
  z.regex(/^\/[^?#\\]*$/, { error: expected }),
  z.refine((written: string) => isResolved(written.replace(/\$\{[^}]*\}/g, 'x')), {
    error: `expected ${expected}`,
  }) as z.core.$ZodCheck<string>,
]

/** Whole segments at the front of a path; path-prefix.ts says what is done with them. */
export const prefixText = text(
  z.regex(/^\/[^?#\s]*$/, { error: expected }),
  z.refine(isResolved, { error: `expected ${expected}` }) as z.core.$ZodCheck<string>,
)

/** `replacePrefix` of `rewrite` and of redirects. */
export const replacePrefixSchema = object({
  from: described('The segments to look for.', prefixText),
  to: described('The segments to put there.', prefixText),
})
