/** Options of formats, for the schemas of whatever reads or writes bodies. */
import * as z from 'zod/mini'
import { described, map, object } from '../schema/atoms.ts'
import { withRule } from '../schema/rule.ts'
import { isXmlName } from './xml/names.ts'

const xmlName = z.string().check(z.refine(isXmlName, { error: 'expected a name of XML' }))

/** A dotted path; a backslash takes the meaning from a dot. */
const dottedPath = z
  .string()
  .check(z.regex(/^(?:[^.\\]|\\.)+(?:\.(?:[^.\\]|\\.)+)*$/, { error: 'names with dots between' }))

/** A sign that no name of XML begins with: so a key that has it is no element. */
const sign = z.string().check(
  z.regex(/^[!-/;-@[-^`{-~][\w!-/:-@[-`{-~]*$/, {
    error: 'a sign such as "@" or "#", and letters behind it at will',
  }),
)

export const xmlSchema = withRule(
  object({
    root: described(
      'The name of the root element when writing: `root` unless given. `false`: the only key of the value is the root.',
      z.optional(z.union([xmlName, z.literal(false)])),
    ),
    attributePrefix: described(
      'What the keys of attributes begin with. `@` unless given.',
      z.optional(sign),
    ),
    textKey: described(
      'The key of the text of an element that has attributes or elements too. `#text` unless given.',
      z.optional(sign),
    ),
    arrays: described(
      'Elements that are lists even where there is one, as paths from the root such as `order.items.item`.',
      z.optional(z.array(dottedPath)),
    ),
    namespaces: described(
      '`keep`: names keep their prefixes, and `xmlns` is an attribute. `strip`: both are left out. `keep` unless given.',
      z.optional(z.enum(['keep', 'strip'])),
    ),
    declaration: described(
      'Whether `<?xml version="1.0" encoding="UTF-8"?>` is written first. True unless given.',
      z.optional(z.boolean()),
    ),
    parseValues: described(
      'Whether text that reads as a number, `true` or `false`, and is written in the one way that JSON has, becomes that. False unless given.',
      z.optional(z.boolean()),
    ),
  }),
  (written, note) => {
    const { attributePrefix, textKey } = written
    const prefix = attributePrefix ?? '@'
    const key = textKey ?? '#text'
    if (typeof prefix !== 'string' || typeof key !== 'string') return
    if (prefix === '' || !key.startsWith(prefix)) return
    note(
      [textKey === undefined ? 'attributePrefix' : 'textKey'],
      `expected a key of text that does not begin with what attributes begin with, found "${key}" and "${prefix}"`,
    )
  },
)
export type XmlOptions = z.infer<typeof xmlSchema>

export const csvSchema = object({
  columns: described(
    'Which fields the columns have, in their order, as dotted paths. Unless given: every key of the rows, in the order in which they appear.',
    z.optional(z.array(dottedPath).check(z.minLength(1))),
  ),
  delimiter: described(
    'What stands between two cells. `,` unless given.',
    z.optional(z.enum([',', ';', '\t', '|'])),
  ),
  header: described(
    'Whether the first line has the names of the columns. True unless given.',
    z.optional(z.boolean()),
  ),
  escapeFormulas: described(
    "Whether text that a spreadsheet would run as a formula gets a `'` in front. True unless given.",
    z.optional(z.boolean()),
  ),
})
export type CsvOptions = z.infer<typeof csvSchema>

/** What may stand in SOAPAction and in the parameter `action`: between quotes, with nothing to escape. */
const action = z
  .string()
  .check(z.regex(/^[\x21\x23-\x5b\x5d-\x7e]*$/, { error: 'printable ASCII without quotes' }))

export const soapSchema = withRule(
  object({
    version: described('The version of SOAP.', z.enum(['1.1', '1.2'])),
    operation: described(
      'The element in the Body that holds the value. Unless given, the keys of the value are the elements of the Body.',
      z.optional(xmlName),
    ),
    namespace: described(
      'The namespace of the operation, and of what is in it unless `qualified` is false.',
      z.optional(z.string().check(z.minLength(1))),
    ),
    qualified: described(
      'Whether the elements in the operation are in its namespace too. True unless given.',
      z.optional(z.boolean()),
    ),
    action: described(
      'What the service calls the operation: SOAPAction in 1.1, the parameter `action` of the media type in 1.2.',
      z.optional(action),
    ),
    header: described(
      'What the Header holds, as a value that is written as XML.',
      z.optional(map(z.json())),
    ),
  }),
  (written, note) => {
    const { operation } = written
    if (operation !== undefined) return
    for (const key of ['namespace', 'qualified']) {
      if (written[key] !== undefined) note([key], 'expected "operation" beside it')
    }
  },
)
export type SoapOptions = z.infer<typeof soapSchema>
