/** `respond` of a route: a fixed answer, with templates in header values and strings (ROUTES.md §3). */
import * as z from 'zod/mini'
import { described, integer, object } from '../../schema/atoms.ts'
import { headerMap } from '../../schema/header-names.ts'
import { templateFieldText, templateText } from '../../template/schema.ts'

export const respondSchema = object({
  status: described('The status of the answer.', integer(200, 599)),
  headers: described(
    'Header fields of the answer; values are templates.',
    z.optional(headerMap(templateFieldText)),
  ),
  body: described(
    'The body as text, a template; where Content-Type says HTML, XML or JSON, values are escaped for it. Not beside `json`.',
    z.optional(templateText()),
  ),
  json: described(
    'The body as JSON; every string in it is a template. Not beside `body`.',
    z.optional(z.json()),
  ),
})
export type RespondOptions = z.infer<typeof respondSchema>
