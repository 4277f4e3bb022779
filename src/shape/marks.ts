/** The marks of entity tags: one for each form that a policy makes of an answer, for each kind of request. */
import type { Exchange } from '../pipeline/exchange.ts'
import { readAttribute } from '../template/vocabulary.ts'
import { makeMark } from './tags.ts'

/** The mark for a request whose answer goes out in this form: a media type, the name of a profile, a version. */
export type MarkOf = (exchange: Exchange, form: string) => string

/** Differ each time and say nothing of the state: with them in a mark no answer were ever the same. */
const fleeting = new Set(['request.id', 'now.seconds'])

/** `seed` is all that the form depends on in the table, as plain JSON; `attributes` what it depends on in a request. */
export function bindMarks(seed: unknown, attributes: readonly string[]): MarkOf {
  const reads = attributes
    .filter((attribute) => !fleeting.has(attribute))
    .flatMap((attribute) => readAttribute(attribute) ?? [])
  const constant = new Map<string, string>()
  return (exchange, form) => {
    if (reads.length > 0) return makeMark([seed, form, reads.map((read) => read(exchange))])
    // As many as the table has forms.
    const known = constant.get(form)
    if (known !== undefined) return known
    const mark = makeMark([seed, form])
    constant.set(form, mark)
    return mark
  }
}

/** What Vary has to name: the request fields among the names of the vocabulary that an expression reads. */
export function fieldsReadBy(attributes: readonly string[]): readonly string[] {
  const names = attributes.flatMap((name) => {
    if (name.startsWith('header.')) return [name.slice('header.'.length)]
    return name.startsWith('cookie.') ? ['Cookie'] : []
  })
  return [...new Set(names)]
}
