/**
 * Schema atoms for templates of an aggregate. They may name calls, which only the whole aggregate knows: what a name
 * refers to is judged in plan.ts, here only that each place has an end.
 */
import type * as z from 'zod/mini'
import { pathTemplateForm } from '../../match/path-form.ts'
import { text } from '../../schema/atoms.ts'
import { splitTemplate } from '../../template/parse.ts'
import { fitsField, fitsTemplate, messageOf } from '../../template/schema.ts'

const isTemplate = fitsTemplate((written) =>
  messageOf(splitTemplate(written, (name) => ({ kind: 'part', part: name }))),
)

export function referenceText(...checks: z.core.$ZodCheck<string>[]): z.ZodMiniType<string> {
  return text(...checks, isTemplate)
}

export const referencePath = referenceText(...pathTemplateForm)

export const referenceFieldText = referenceText(fitsField)
