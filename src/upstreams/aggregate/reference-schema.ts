/**
 * Schema atoms for templates of an aggregate. They may name calls, which only the whole aggregate knows: what a name
 * refers to is judged in plan.ts, here only that each place has an end.
 */
import * as z from 'zod/mini'
import { breaksField } from '../../http/field-values.ts'
import { pathTemplateForm } from '../../match/path-form.ts'
import { text } from '../../schema/atoms.ts'
import { splitTemplate } from '../../template/parse.ts'

const isTemplate = z.check<string>((payload) => {
  const parsed = splitTemplate(payload.value, (name) => ({ kind: 'part', part: name }))
  if (parsed.kind === 'template') return
  payload.issues.push({
    code: 'custom',
    input: payload.value,
    message: `expected, at character ${parsed.at + 1}, ${parsed.reason}`,
    params: { code: 'TEMPLATE_INVALID' },
    continue: true,
  })
}) as z.core.$ZodCheck<string>

const fitsField = z.refine((value: string) => !breaksField(value), {
  error: 'expected a header value without line breaks and NUL',
}) as z.core.$ZodCheck<string>

export function referenceText(...checks: z.core.$ZodCheck<string>[]): z.ZodMiniType<string> {
  return text(...checks, isTemplate)
}

export const referencePath = referenceText(...pathTemplateForm)

export const referenceFieldText = referenceText(fitsField)
