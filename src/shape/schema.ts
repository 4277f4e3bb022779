/** The steps that change a value, for every policy that has them. They are carried out in the order of the keys. */
import * as z from 'zod/mini'
import { expressionText } from '../expression/schema.ts'
import { described, integer, map, text } from '../schema/atoms.ts'
import { type Note, withRule } from '../schema/rule.ts'
import { coercions } from './coerce-core.ts'
import { newNameOf, parsePath } from './paths.ts'

const PATH_FORM = 'names with dots between them; a backslash before a dot that is part of a name'

function isPath(error: string) {
  return z.refine((value: string) => parsePath(value) !== null, {
    error: `expected ${error}`,
  }) as z.core.$ZodCheck<string>
}

/** A dotted path to a member. */
const memberPath = text(isPath(PATH_FORM))
const pathKey = z.string().check(isPath(PATH_FORM))
const paths = z.array(memberPath).check(z.minLength(1))

const renames = withRule(map(text(isPath(PATH_FORM)), pathKey), (written, note) => {
  for (const [from, to] of Object.entries(written)) {
    if (typeof to !== 'string' || newNameOf(from, to) !== null) continue
    if (parsePath(from) === null || parsePath(to) === null) continue
    note(
      [from],
      `found "${to}", expected a name, or the path of "${from}" with another last name: a member stays in its object. \`json\` can move it`,
    )
  }
})

/** How much of a body may be read: an isolate has 128 MB for all of its requests, and values take several times their bytes. */
export const readBytes = integer(1, 33_554_432)

/** The formats that bodies of answers are read and written in. */
export const answerFormat = z.enum(['json', 'xml', 'csv', 'form', 'cbor', 'msgpack'])

/** Those of which Accept chooses one. */
export const negotiableFormats = z.array(answerFormat).check(z.minLength(1))

/** Notes a format that stands twice, and gives all that may be written. */
export function judgeNegotiable(negotiate: unknown, note: Note): readonly unknown[] {
  const formats: readonly unknown[] = Array.isArray(negotiate) ? negotiate : []
  if (new Set(formats).size < formats.length) {
    note(['negotiate'], 'found a format twice, expected each once')
  }
  return formats
}

/** Of policies whose answers clients may choose members of. */
export const fieldsShape = {
  fields: described(
    'Whether the client may choose members by `?fields=a,b.c`; a text names the parameter. False unless given.',
    z.optional(z.union([z.boolean(), text(z.minLength(1))])),
  ),
}

export const stepsShape = {
  unwrap: described(
    'The path of a member that takes the place of the whole value. What has no such member stays as it is.',
    z.optional(memberPath),
  ),
  pick: described(
    'Paths of the members that stay; nothing else does. Paths lead through lists.',
    z.optional(paths),
  ),
  omit: described('Paths of members to leave out. Paths lead through lists.', z.optional(paths)),
  rename: described(
    'Path of a member → its new name in the same object. What stood under the new name is replaced.',
    z.optional(renames),
  ),
  coerce: described(
    'Path of a member → the type that it is brought to: `string`, `number`, `integer`, `boolean` or `list`. Of a list each element counts, but for `list`.',
    z.optional(map(z.enum(coercions), pathKey)),
  ),
  json: described(
    'A JSONata expression over the value; what it gives takes the place of the value.',
    z.optional(expressionText),
  ),
  wrap: described(
    'The name under which the value stands in a new object; dots make objects within it.',
    z.optional(memberPath),
  ),
}

export interface StepsOptions {
  readonly unwrap?: string | undefined
  readonly pick?: readonly string[] | undefined
  readonly omit?: readonly string[] | undefined
  readonly rename?: Readonly<Record<string, string>> | undefined
  readonly coerce?: Readonly<Record<string, (typeof coercions)[number]>> | undefined
  readonly json?: string | undefined
  readonly wrap?: string | undefined
}
