/** What has to hold between the keys of `profiles`. */
import { isWrittenObject, type Note, type Written } from '../../schema/written.ts'
import { fieldsOfChoice, isClientHint, listOf, type WrittenChoice } from './core.ts'

// Kinds of clients, not clients: more are a mistake. Each `when` is asked of every request that no name decides.
const MAX_PROFILES = 50

/** Without them nobody would be known. */
const credentials: readonly string[] = ['authorization', 'cookie']

export function judgeProfiles(written: Written, profiles: Written, note: Note): void {
  const names = Object.keys(profiles)
  if (names.length > MAX_PROFILES) {
    note(['profiles'], `expected at most ${MAX_PROFILES} profiles, found ${names.length}`)
  }
  const { by, default: fallback } = written
  if (typeof fallback === 'string' && !Object.hasOwn(profiles, fallback)) {
    note(['default'], `found "${fallback}", expected one of ${names.join(', ')}`)
  }
  for (const name of by === undefined ? names : []) {
    const profile = profiles[name]
    if (name === fallback || (isWrittenObject(profile) && profile.when !== undefined)) continue
    note(
      ['profiles', name],
      'expected `when` in it, or `by` or `default` to name it: nobody has it',
    )
  }
  const fields = fieldsOfChoice(choiceOf(by, profiles))
  judgeHeader(written.header, { fields, profiles }, note)
  const asksHints = written.hints === true || written.hints === 'critical'
  if (!asksHints || fields.some(isClientHint)) return
  note(
    ['hints'],
    'expected a client hint such as Sec-CH-UA-Mobile in `by` or in `headers` of a `when`: there is none to ask for',
  )
}

/** As much of the choice as is written as it should be. */
function choiceOf(by: unknown, profiles: Written): WrittenChoice {
  const named = Array.isArray(by) ? by.filter((name) => typeof name === 'string') : []
  const entries = Object.entries(profiles).map(([name, profile]) => {
    const whens = isWrittenObject(profile) ? listOf(profile.when) : []
    const matches = whens.flatMap((when) =>
      isWrittenObject(when) && isWrittenObject(when.headers) ? [{ headers: when.headers }] : [],
    )
    return [name, { when: matches }] as const
  })
  return { by: named, profiles: Object.fromEntries(entries) }
}

function judgeHeader(
  header: unknown,
  { fields, profiles }: { readonly fields: readonly string[]; readonly profiles: Written },
  note: Note,
): void {
  if (typeof header !== 'string') return
  const name = header.toLowerCase()
  if (credentials.includes(name)) {
    note(['header'], `found "${header}", where credentials stand; expected a field of its own`)
  }
  if (fields.some((field) => field.toLowerCase() === name)) {
    note(
      ['header'],
      `found "${header}", by which clients are chosen; expected a field of its own: no client can write this one`,
    )
  }
  for (const [profile, options] of Object.entries(profiles)) {
    const path = ['request', 'headers', 'set'] as const
    const set = path.reduce<unknown>((at, key) => (isWrittenObject(at) ? at[key] : null), options)
    const twin = isWrittenObject(set)
      ? Object.keys(set).find((field) => field.toLowerCase() === name)
      : undefined
    if (twin === undefined) continue
    note(
      ['profiles', profile, ...path, twin],
      `expected another field: \`header\` writes "${header}"`,
    )
  }
}
