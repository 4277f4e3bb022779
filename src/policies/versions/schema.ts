/** `versions`: which version of an API a client has, and the steps between one version and the next. */
import * as z from 'zod/mini'
import { bytes, described, integer, map, object, text } from '../../schema/atoms.ts'
import { isOffCalendar } from '../../schema/calendar.ts'
import { changesShape } from '../../schema/changes.ts'
import { editableHeaderName } from '../../schema/header-names.ts'
import { dateOrInstant } from '../../schema/instant.ts'
import { type Note, needOneOf, type Written, withRule } from '../../schema/rule.ts'
import { isWrittenObject } from '../../schema/written.ts'
import { stepsShape } from '../../shape/schema.ts'
import { latePolicySchema } from '../schema.ts'
import { type Naming, namingOf, orderVersions, spelled } from './core.ts'
import { sourceSchema } from './source-schema.ts'

// A version a week for two years; more are a mistake, and each costs a client of the first one its steps.
const MAX_VERSIONS = 100

const versionName = z.string().check(
  z.regex(/^[a-z0-9][a-z0-9._-]{0,63}$/, {
    error:
      'a date as "2026-01-31", or a name of up to 64 lower-case letters, digits, ".", "_" and "-"',
  }),
)

const parameterName = text(z.minLength(1))
const queryChanges = withRule(
  object(
    changesShape({
      things: 'parameters',
      name: parameterName,
      renames: map(parameterName, parameterName),
      values: map(text(), parameterName),
      valueIs: 'plain text',
    }),
  ),
  (written, note) => needOneOf(written, note, ['set', 'add', 'rename', 'remove']),
)

const requestSchema = withRule(
  object({
    query: described(
      'Changes to parameters of the query, as those of the policy `query`, with plain values.',
      z.optional(queryChanges),
    ),
    ...stepsShape,
  }),
  (written, note) => needOneOf(written, note, ['query', ...Object.keys(stepsShape)]),
)

const status = integer(200, 599)
const statusKey = z
  .string()
  .check(z.regex(/^[2-5][0-9]{2}$/, { error: 'a status from 200 to 599' }))

const responseSchema = withRule(
  object({
    status: described(
      'Status of this version → status of the version before it.',
      z.optional(map(status, statusKey)),
    ),
    ...stepsShape,
  }),
  (written, note) => needOneOf(written, note, ['status', ...Object.keys(stepsShape)]),
)

const link = text(
  z.refine((value: string) => isLink(value), {
    error: 'expected an http(s) URL',
  }) as z.core.$ZodCheck<string>,
)

function isLink(value: string): boolean {
  return /^https?:\/\/[^\s<>"\\]+$/.test(value) && URL.canParse(value)
}

const versionSchema = withRule(
  object({
    request: described(
      'Turns a request of the version before into one of this version: `query`, and steps for the body, in the order of this list.',
      z.optional(requestSchema),
    ),
    response: described(
      'Turns an answer of this version into one of the version before: `status`, and steps for the body.',
      z.optional(responseSchema),
    ),
    deprecated: described(
      'Since when nobody should use it any more, or from when on: answers say `Deprecation` (RFC 9745).',
      z.optional(dateOrInstant),
    ),
    sunset: described('When it ends: answers say `Sunset` (RFC 8594).', z.optional(dateOrInstant)),
    link: described('A page about the end of the version, for `Link`.', z.optional(link)),
    afterSunset: described(
      'What clients of the version get once it has ended: `serve` (as before, unless given) or `refuse` (410 VERSION_ENDED).',
      z.optional(z.enum(['serve', 'refuse'])),
    ),
  }),
  judgeLife,
)
export type VersionOptions = z.infer<typeof versionSchema>

function judgeLife(written: Written, note: Note): void {
  const { deprecated, sunset } = written
  for (const key of ['deprecated', 'sunset']) {
    if (!isOffCalendar(written[key])) continue
    note([key], `found "${written[key]}", expected a day that the calendar has`)
  }
  if (written.link !== undefined && deprecated === undefined && sunset === undefined) {
    note(['link'], 'expected `deprecated` or `sunset` beside `link`: it says more about these')
  }
  if (written.afterSunset !== undefined && sunset === undefined) {
    note(['afterSunset'], 'expected `sunset` beside `afterSunset`')
  }
  if (typeof deprecated !== 'string' || typeof sunset !== 'string') return
  // RFC 9745 §4.
  if (Date.parse(sunset) >= Date.parse(deprecated)) return
  note(['sunset'], `found "${sunset}", expected no time before \`deprecated\`, "${deprecated}"`)
}

export const versionsSchema = withRule(
  latePolicySchema('versions', {
    from: described(
      'Where clients name their version: one place, or a list of which the first that names one counts.',
      z.union([sourceSchema, z.array(sourceSchema).check(z.minLength(1), z.maxLength(8))]),
    ),
    versions: described(
      'The versions: all dates, or all names. Dates and whole numbers are in their own order, names from the oldest to the newest. The service speaks the newest.',
      map(versionSchema, versionName).check(
        z.refine((value: object) => Object.keys(value).length > 0, {
          error: 'expected at least one version',
        }),
      ),
    ),
    default: described(
      'The version of who names none. The newest unless given.',
      z.optional(versionName),
    ),
    required: described(
      'Whether who names none is refused with 400 VERSION_UNKNOWN. Not unless true.',
      z.optional(z.boolean()),
    ),
    answerHeader: described(
      'A field of answers that names the version of the client. None unless given.',
      z.optional(editableHeaderName),
    ),
    maxBytes: described(
      'The longest body that is changed: 1 MiB unless given. Longer ones are 413 (of clients) or 502 (of services).',
      z.optional(bytes),
    ),
  }),
  (written, note) => {
    if (written.default !== undefined && written.required === true) {
      note(['default'], 'expected no `default` beside `required: true`: nobody would have it')
    }
    if (isWrittenObject(written.versions)) judgeVersions(written.versions, written.default, note)
  },
)
export type VersionsOptions = z.infer<typeof versionsSchema>

function judgeVersions(versions: Written, fallback: unknown, note: Note): void {
  const names = Object.keys(versions)
  if (names.length > MAX_VERSIONS) {
    note(['versions'], `expected at most ${MAX_VERSIONS} versions, found ${names.length}`)
  }
  judgeNames(names, note)
  const [oldest] = orderVersions(names)
  const first = oldest === undefined ? undefined : versions[oldest]
  if (oldest !== undefined && isWrittenObject(first)) {
    for (const key of ['request', 'response']) {
      if (first[key] === undefined) continue
      note(
        ['versions', oldest, key],
        `expected no \`${key}\` in the oldest version: there is none before it`,
      )
    }
  }
  if (typeof fallback !== 'string' || Object.hasOwn(versions, fallback)) return
  note(['default'], `found "${fallback}", expected one of ${names.join(', ')}`)
}

const nounOf: Readonly<Record<Naming, string>> = {
  dates: 'a date',
  numbers: 'a whole number',
  names: 'a name',
}

function judgeNames(names: readonly string[], note: Note): void {
  const seen = new Map<string, string>()
  const [first = ''] = names
  const naming = namingOf(first)
  for (const name of names) {
    if (namingOf(name) !== naming) {
      note(
        ['versions', name],
        `expected ${nounOf[naming]}, as "${first}" is: only so they have an order`,
      )
      continue
    }
    if (namingOf(name) === 'dates' && isOffCalendar(name)) {
      note(['versions', name], `found "${name}", expected a day that the calendar has`)
    }
    const before = seen.get(spelled(name))
    if (before !== undefined) {
      note(
        ['versions', name],
        `found "${before}" and "${name}", expected two names: a "v" before a digit says nothing`,
      )
    }
    seen.set(spelled(name), name)
  }
}
