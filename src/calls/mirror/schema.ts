/** `mirror` of an upstream: which requests are copied to another one, and what is compared (ROUTES.md §4). */
import * as z from 'zod/mini'
import { described, headerName, integer, name, object, percent, text } from '../../schema/atoms.ts'
import { type Note, type Written, withRule } from '../../schema/rule.ts'

const pointer = text(
  z.regex(/^(?:\/(?:[^~/]|~[01])*)+$/, { error: 'a JSON Pointer such as "/items/*/id"' }),
)

const compareShape = object({
  headers: described(
    'Header fields of the answers whose values are compared. None unless given.',
    z.optional(z.array(headerName).check(z.maxLength(50))),
  ),
  json: described(
    'Whether JSON bodies are compared, by their members and not by their text.',
    z.optional(z.literal(true)),
  ),
  ignore: described(
    'With `json`: JSON Pointers of what may differ, with all below it; `*` stands for any member or index.',
    z.optional(z.array(pointer).check(z.maxLength(100))),
  ),
  sample: described(
    'Share of the copies whose answers are compared, from 0 to 1. 1 unless given.',
    z.optional(
      z
        .number({ error: 'a number from 0 to 1' })
        .check(
          z.minimum(0, { error: 'a number from 0 to 1' }),
          z.maximum(1, { error: 'a number from 0 to 1' }),
        ),
    ),
  ),
})

const compareSchema = withRule(compareShape, ({ ignore, json }: Written, note: Note) => {
  if (ignore === undefined || json !== undefined) return
  note(['ignore'], 'found "ignore" without "json", expected both')
})

const mirrorEntrySchema = object({
  upstream: described('The name of the upstream that gets the copies.', name),
  percent: described('The share of the requests that are copied.', percent),
  bodyLimitBytes: described(
    'Requests with a larger body are not copied; of answers so much is read at most. 65536 unless given.',
    z.optional(integer(0, 1_048_576)),
  ),
  compare: described(
    'Compares the answers of both: their status, and what is said here. Not compared unless given.',
    z.optional(compareSchema),
  ),
})

export const mirrorSchema = z.union([
  mirrorEntrySchema,
  z.array(mirrorEntrySchema).check(z.minLength(1), z.maxLength(5)),
])
export type MirrorOptions = z.infer<typeof mirrorSchema>
export type MirrorEntry = z.infer<typeof mirrorEntrySchema>
export type CompareOptions = NonNullable<MirrorEntry['compare']>
