/** `profiles`: kinds of clients, how one is told from the other, and what each sends on and gets back. */
import * as z from 'zod/mini'
import { csvSchema, xmlSchema } from '../../formats/schema.ts'
import { matchShape } from '../../match/schema.ts'
import { described, map, object, text } from '../../schema/atoms.ts'
import { editableHeaderName, headerMap } from '../../schema/header-names.ts'
import { needOneOf, withRule } from '../../schema/rule.ts'
import { isWrittenObject } from '../../schema/written.ts'
import {
  fieldsShape,
  judgeNegotiable,
  negotiableFormats,
  readBytes,
  stepsShape,
} from '../../shape/schema.ts'
import { fitsTemplate, templateFieldText, templateText } from '../../template/schema.ts'
import { expectedName, isAttributeName } from '../../template/vocabulary.ts'
import { callerCondition, latePolicySchema } from '../schema.ts'
import { judgeProfiles } from './rules.ts'

// It begins with a letter: JavaScript puts keys that are numbers in front, and order says which `when` is asked first.
const profileName = z.string().check(
  z.regex(/^[a-z][a-z0-9._-]{0,63}$/, {
    error:
      'a name of up to 64 lower-case letters, digits, ".", "_" and "-" that begins with a letter',
  }),
)

const attributeName = text(
  fitsTemplate((written) =>
    isAttributeName(written) ? null : `expected ${expectedName(written)}`,
  ),
)

const { body: _, bodyLimitBytes: __, ...matchOfClient } = matchShape

/** All of a match but the body: a profile is one of a client, not of what it sends. */
const whenSchema = object({ ...matchOfClient, consumer: callerCondition })
export type ProfileWhen = z.infer<typeof whenSchema>

const parameterName = text(z.minLength(1))

const headersSchema = withRule(
  object({
    set: described(
      'Name → value, a template; what stood there is replaced.',
      z.optional(headerMap(templateFieldText)),
    ),
    remove: described('Names of fields to remove.', z.optional(z.array(editableHeaderName))),
  }),
  (written, note) => needOneOf(written, note, ['set', 'remove']),
)

const querySchema = withRule(
  object({
    set: described(
      'Name → value, a template; what stood there is replaced.',
      z.optional(map(templateText(), parameterName)),
    ),
    remove: described('Names of parameters to remove.', z.optional(z.array(parameterName))),
  }),
  (written, note) => needOneOf(written, note, ['set', 'remove']),
)

const requestSchema = withRule(
  object({
    headers: described(
      'Fields of the request as it goes on: `remove`, then `set`.',
      z.optional(headersSchema),
    ),
    query: described(
      'Parameters of the query as it goes on: `remove`, then `set`.',
      z.optional(querySchema),
    ),
  }),
  (written, note) => needOneOf(written, note, ['headers', 'query']),
)
export type ProfileRequest = z.infer<typeof requestSchema>

const responseSchema = withRule(
  object({
    negotiate: described(
      'The formats of which Accept chooses one; the first where it has no wish. As the service sent it unless given.',
      z.optional(negotiableFormats),
    ),
    ...stepsShape,
    ...fieldsShape,
    xml: described('How XML is written.', z.optional(xmlSchema)),
    csv: described('How CSV is written.', z.optional(csvSchema)),
  }),
  (written, note) => {
    needOneOf(written, note, ['negotiate', ...Object.keys(stepsShape), 'fields'])
    const formats = judgeNegotiable(written.negotiate, note)
    for (const key of ['xml', 'csv']) {
      if (written[key] === undefined || formats.includes(key)) continue
      note([key], `expected "${key}" in \`negotiate\` beside it`)
    }
  },
)
export type ProfileResponse = z.infer<typeof responseSchema>

const profileSchema = object({
  when: described(
    'Who has this profile where `by` names none: a match without `body`, read on the request as received, with `consumer`; or a list of which one must hold.',
    z.optional(z.union([whenSchema, z.array(whenSchema).check(z.minLength(1))])),
  ),
  request: described('Changes to what the service is asked.', z.optional(requestSchema)),
  response: described(
    'Steps for JSON bodies of answers, in the order of this list, and the forms that they go out in.',
    z.optional(responseSchema),
  ),
})
export type ProfileOptions = z.infer<typeof profileSchema>

export const profilesSchema = withRule(
  latePolicySchema('profiles', {
    by: described(
      'Names such as `claims.client` or `header.x-client`: the first whose value is the name of a profile chooses it. Case says nothing.',
      z.optional(z.array(attributeName).check(z.minLength(1), z.maxLength(10))),
    ),
    profiles: described(
      'The profiles by name. Where `by` names none, the first whose `when` holds is chosen.',
      map(profileSchema, profileName).check(
        z.refine((value: object) => Object.keys(value).length > 0, {
          error: 'expected at least one profile',
        }),
      ),
    ),
    default: described(
      'The profile where nothing else chooses one. None unless given: request and answer pass as they are.',
      z.optional(profileName),
    ),
    header: described(
      'A field that tells the service the name of the profile. Clients cannot write it, on any route.',
      z.optional(editableHeaderName),
    ),
    answerHeader: described(
      'A field of answers that names the profile. None unless given.',
      z.optional(editableHeaderName),
    ),
    hints: described(
      'Whether answers ask browsers for the client hints that the choice reads: `true` by Accept-CH, `"critical"` by Critical-CH too. False unless given.',
      z.optional(z.union([z.boolean(), z.literal('critical')])),
    ),
    maxBytes: described(
      'The longest body of an answer that is changed: 1 MiB unless given.',
      z.optional(readBytes),
    ),
    onTooLarge: described(
      'What becomes of a longer body: `refuse` (502) or `pass`, as it is. `refuse` unless given.',
      z.optional(z.enum(['refuse', 'pass'])),
    ),
  }),
  (written, note) => {
    if (isWrittenObject(written.profiles)) judgeProfiles(written, written.profiles, note)
  },
)
export type ProfilesOptions = z.infer<typeof profilesSchema>
