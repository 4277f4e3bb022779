/** Whole segments at the front of a path, for `rewrite` and redirects; match/path-prefix.ts says what they do. */
import * as z from 'zod/mini'
import { keepAll, normalizePath } from '../match/normalize.ts'
import { described, object, text } from './atoms.ts'

const expected = 'a path that starts with "/", without query'

function hasNormalForm(written: string): boolean {
  return typeof normalizePath(written, keepAll) === 'string'
}

/** A path without query that has a normal form. */
export const prefixText = text(
  z.regex(/^\/[^?#\s]*$/, { error: expected }),
  z.refine(hasNormalForm, { error: `expected ${expected}` }) as z.core.$ZodCheck<string>,
)

export const replacePrefixSchema = object({
  from: described('The segments to look for.', prefixText),
  to: described('The segments to put there.', prefixText),
})
