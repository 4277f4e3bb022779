/** `transform-request`: the body, or the query, of a request in another form and format. */
import * as z from 'zod/mini'
import { csvSchema, soapSchema, xmlSchema } from '../../formats/schema.ts'
import { described } from '../../schema/atoms.ts'
import { needOneOf, withRule } from '../../schema/rule.ts'
import { readBytes, stepsShape } from '../../shape/schema.ts'
import { latePolicySchema } from '../schema.ts'

const formats = ['json', 'xml', 'csv', 'form', 'query', 'cbor', 'msgpack'] as const
export type RequestFormat = (typeof formats)[number]

export const transformRequestSchema = withRule(
  latePolicySchema('transform-request', {
    from: described(
      'What is read: a body of this format, or the `query`. `json` unless given.',
      z.optional(z.enum(formats)),
    ),
    to: described(
      'What the request goes on with: a body of this format, or the `query`. `json` unless given; `xml` with `soap`.',
      z.optional(z.enum(formats)),
    ),
    ...stepsShape,
    method: described(
      'The method of what was changed. Unless given it stays, but GET and HEAD become POST where a body is written.',
      z.optional(z.enum(['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE'])),
    ),
    xml: described('How XML is read and written.', z.optional(xmlSchema)),
    csv: described('How CSV is read and written.', z.optional(csvSchema)),
    soap: described(
      'Puts the value into a SOAP envelope, with the fields of it.',
      z.optional(soapSchema),
    ),
    maxBytes: described(
      'The most bytes that are read: 1 MiB unless given, at most 32 MiB.',
      z.optional(readBytes),
    ),
    onTooLarge: described(
      'What becomes of a longer body: `refuse` (413) or `pass`, as it is. `refuse` unless given.',
      z.optional(z.enum(['refuse', 'pass'])),
    ),
    onOtherType: described(
      'What becomes of a body of another media type: `pass`, as it is, or `refuse` (415). `pass` unless given.',
      z.optional(z.enum(['pass', 'refuse'])),
    ),
  }),
  (written, note) => {
    const { from = 'json', soap } = written
    const to = written.to ?? (soap === undefined ? 'json' : 'xml')
    needOneOf(written, note, [...Object.keys(stepsShape), 'from', 'to', 'soap'])
    if (soap !== undefined && to !== 'xml')
      note(['to'], 'expected "xml", or nothing, beside `soap`')
    for (const key of ['xml', 'csv'] as const) {
      if (written[key] === undefined || from === key || to === key) continue
      note([key], `expected "${key}" in \`from\` or \`to\` beside it`)
    }
    if ((written.method === 'GET' || written.method === 'HEAD') && to !== 'query') {
      note(
        ['method'],
        `found "${written.method}", expected a method that has a body, or \`"to": "query"\``,
      )
    }
    if (from !== 'query') return
    for (const key of ['maxBytes', 'onTooLarge', 'onOtherType'] as const) {
      if (written[key] !== undefined)
        note([key], 'expected none beside `"from": "query"`: no body is read')
    }
  },
)
export type TransformRequestOptions = z.infer<typeof transformRequestSchema>
