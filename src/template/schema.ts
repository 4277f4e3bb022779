/** Schema atoms for strings that are templates: an unknown name in `${…}` is a problem of the document. */
import * as z from 'zod/mini'
import { breaksField } from '../http/field-values.ts'
import { pathTemplateForm } from '../match/path-form.ts'
import { type SecretRef, secretRef, text } from '../schema/atoms.ts'
import { type InvalidTemplate, parseTemplate } from './parse.ts'
import { eachText } from './texts.ts'

/** Refuses text that `messageOf` has a message for; null where the text is fit. */
export function fitsTemplate(messageOf: (text: string) => string | null): z.core.$ZodCheck<string> {
  return z.check<string>((payload) => {
    const message = messageOf(payload.value)
    if (message !== null) payload.issues.push(issueOf(payload.value, [], message))
  }) as z.core.$ZodCheck<string>
}

function issueOf(input: string, path: readonly (string | number)[], message: string) {
  return {
    code: 'custom' as const,
    input,
    path: [...path],
    message,
    params: { code: 'TEMPLATE_INVALID' },
    // As zod's own checks do: the value has the right type, so a union reports this and no alternatives.
    continue: true,
  }
}

/** The message about a text that is no template, as a parser has judged it; null where it is one. */
export function messageOf(parsed: { readonly kind: 'template' } | InvalidTemplate): string | null {
  return parsed.kind === 'template'
    ? null
    : `expected, at character ${parsed.at + 1}, ${parsed.reason}`
}

const isTemplate = fitsTemplate((written) => messageOf(parseTemplate(written)))

/** Refuses a header value that would break its field. */
export const fitsField = z.refine((value: string) => !breaksField(value), {
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

/** JSON whose strings are templates; the problem stands at the string that is none. */
export const templateJson = z.json().check(
  z.check<unknown>((payload) => {
    eachText(payload.value, [], (found, path) => {
      const message = messageOf(parseTemplate(found))
      if (message !== null) payload.issues.push(issueOf(found, path, message))
    })
  }) as never,
)
