/** Schema atoms for strings that are templates: an unknown name in `${…}` is a problem of the document. */
import * as z from 'zod/mini'
import { type SecretRef, secretRef, text } from '../schema/atoms.ts'

/** Text with `${…}`. */
export function templateText(...checks: z.core.$ZodCheck<string>[]): z.ZodMiniType<string> {
  return text(...checks)
}

/** A header value that may be a template, or a secret with an optional prefix. */
export const templateHeaderValue = z.union([templateText(), secretRef]) as unknown as z.ZodMiniType<
  string | SecretRef
>
