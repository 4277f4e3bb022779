/** `transform-response`: the body of an answer in another form and format. */
import * as z from 'zod/mini'
import { csvSchema, xmlSchema } from '../../formats/schema.ts'
import { described, integer, map, object } from '../../schema/atoms.ts'
import { needOneOf, withRule } from '../../schema/rule.ts'
import {
  answerFormat,
  fieldsShape,
  judgeNegotiable,
  negotiableFormats,
  readBytes,
  stepsShape,
} from '../../shape/schema.ts'
import { latePolicySchema } from '../schema.ts'

const statusOrClass = z.union([
  integer(200, 599),
  z
    .string()
    .check(z.regex(/^[2-5]xx$/, { error: 'a status from 200 to 599, or a class such as "4xx"' })),
])

const soapSchema = object({
  faults: described(
    'Fault code, without its prefix (`Client`, `Sender`), → the status of the problem. 502 unless named.',
    z.optional(map(integer(400, 599))),
  ),
})

export const transformResponseSchema = withRule(
  latePolicySchema('transform-response', {
    from: described(
      'Bodies of which format are read; all others pass as they are. `json` unless given; `xml` with `soap`.',
      z.optional(answerFormat),
    ),
    to: described('The format that goes out. `json` unless given.', z.optional(answerFormat)),
    negotiate: described(
      'The formats of which Accept chooses one, in place of `to`; the first where it has no wish.',
      z.optional(negotiableFormats),
    ),
    ...stepsShape,
    ...fieldsShape,
    statuses: described(
      'Answers of which statuses, or classes such as `4xx`, are changed. All of 2xx unless given.',
      z.optional(z.array(statusOrClass).check(z.minLength(1))),
    ),
    xml: described('How XML is read and written.', z.optional(xmlSchema)),
    csv: described('How CSV is read and written.', z.optional(csvSchema)),
    soap: described(
      'Takes the value out of a SOAP envelope, by the names of the elements in its Body; a fault is a problem.',
      z.optional(soapSchema),
    ),
    maxBytes: described(
      'The most bytes that are read: 1 MiB unless given, at most 32 MiB.',
      z.optional(readBytes),
    ),
    onTooLarge: described(
      'What becomes of a longer body: `refuse` (502) or `pass`, as it is. `refuse` unless given.',
      z.optional(z.enum(['refuse', 'pass'])),
    ),
  }),
  (written, note) => {
    const { soap, to, negotiate } = written
    const from = written.from ?? (soap === undefined ? 'json' : 'xml')
    needOneOf(written, note, [
      ...Object.keys(stepsShape),
      'from',
      'to',
      'negotiate',
      'fields',
      'soap',
    ])
    if (negotiate !== undefined && to !== undefined) {
      note(
        ['to'],
        'expected no `to` beside `negotiate`, whose first format is what goes out unasked',
      )
    }
    const negotiable = judgeNegotiable(negotiate, note)
    if (soap !== undefined && from !== 'xml') {
      note(['from'], 'expected "xml", or nothing, beside `soap`')
    }
    for (const key of ['xml', 'csv'] as const) {
      const isWritten = Array.isArray(negotiate) ? negotiable.includes(key) : to === key
      if (written[key] === undefined || from === key || isWritten) continue
      note([key], `expected "${key}" in \`from\`, \`to\` or \`negotiate\` beside it`)
    }
  },
)
export type TransformResponseOptions = z.infer<typeof transformResponseSchema>
