/** Schema atoms for strings that are templates: an unknown name in `${…}` is a problem of the document. */
import * as z from 'zod/mini'
import { breaksField } from '../http/field-values.ts'
import { pathTemplateForm } from '../match/path-form.ts'
import { type SecretRef, secretRef, text } from '../schema/atoms.ts'
import { parseTemplate } from './parse.ts'

const isTemplate = z.check<string>((payload) => {
  const parsed = parseTemplate(payload.value)
  if (parsed.kind === 'template') return
  payload.issues.push({
    code: 'custom',
    input: payload.value,
    message: `expected, at character ${parsed.at + 1}, ${parsed.reason}`,
    params: { code: 'TEMPLATE_INVALID' },
    // As zod's own checks do: the value has the right type, so a union reports this and no alternatives.
    continue: true,
  })
}) as z.core.$ZodCheck<string>

const fitsField = z.refine((value: string) => !breaksField(value), {
  error: 'expected a header value without line breaks and NUL',
}) as z.core.$ZodCheck<string>

/** Text with `${…}`. */
export function templateText(...checks: z.core.$ZodCheck<string>[]): z.ZodMiniType<string> {
  return text(...checks, isTemplate)
}

/** A whole path with `${…}`. */
export const templatePath = templateText(...pathTemplateForm)

/** A header value with `${…}`. */
export const templateFieldText = templateText(fitsField)

/** A header value that may be a template, or a secret with an optional prefix. */
export const templateHeaderValue = z.union([
  templateFieldText,
  secretRef,
]) as unknown as z.ZodMiniType<string | SecretRef>
