/**
 * The way of a request whose answer is shaped for its client: what the client wants is known before the service is
 * asked, the request is put in terms of what the service gives, and what comes back is shaped.
 */

import { type Refusal, refuse } from '../errors/refusal.ts'
import type { Format } from '../formats/format.ts'
import { discardBody } from '../http/body.ts'
import { readParameter } from '../http/query.ts'
import { changeQuery } from '../http/query-changes.ts'
import type { Answer, Exchange } from '../pipeline/exchange.ts'
import type { Next } from '../pipeline/policy.ts'
import { type FieldTree, parseFields } from './fields.ts'
import { bindMarks, fieldsReadBy } from './marks.ts'
import { bindNegotiation, type Form } from './negotiation.ts'
import type { Shaping, Wanted } from './shaping.ts'
import { takeConditionsInside } from './tags.ts'

export interface AnsweringOptions {
  readonly shaping: Shaping
  /** The names of the template vocabulary that its steps read. */
  readonly attributes: readonly string[]
  /** All that the form depends on in the table, as plain JSON: what entity tags are marked by. */
  readonly seed: unknown
  /** The formats that Accept chooses from; undefined where it has no say. */
  readonly negotiate: readonly Format[] | undefined
  /** What goes out where Accept has no say; null for the format that came. */
  readonly form: Form | null
  /** The format that the service sends. */
  readonly from: Format
  /** How the service is asked for it, where another one may go out. */
  readonly accepts: string
  /** The parameter of the query by which clients choose members; null where they cannot. */
  readonly parameter: string | null
}

/** What became of an answer; of a refusal the policy tells why. */
export type Found = 'changed' | 'passed' | 'failed' | Refusal

export type Note = (exchange: Exchange, found: Found) => void

export interface Answering {
  /** The fields of the request, for Vary, by which answers differ. */
  readonly varyBy: readonly string[]
  around(exchange: Exchange, next: Next, note: Note): Promise<Answer>
  /** Answers with what `next` gives, and notes what would have been made of it. */
  watch(exchange: Exchange, next: Next, note: Note): Promise<Answer>
}

export function bindAnswering(options: AnsweringOptions): Answering {
  const { shaping, attributes, parameter } = options
  const negotiation = options.negotiate === undefined ? null : bindNegotiation(options.negotiate)
  const markOf = bindMarks(options.seed, attributes)
  const notAcceptable = refuse('NOT_ACCEPTABLE', {
    members: { available: negotiation?.available ?? [] },
  })

  function readWish(exchange: Exchange): Wanted | Refusal {
    const { accept } = exchange.received
    const form = negotiation === null ? options.form : negotiation.choose(accept)
    if (negotiation !== null && form === null) return notAcceptable
    const tree = readTree(exchange)
    if (tree !== null && 'code' in tree) return tree
    return { form, tree, mark: markOf(exchange, form?.contentType ?? '') }
  }

  function readTree({ target }: Exchange): FieldTree | Refusal | null {
    if (parameter === null || target.query === '') return null
    const text = readParameter(target.query, parameter)
    if (text === null) return null
    return parseFields(text) ?? refuse('FIELDS_INVALID', { members: { parameter } })
  }

  /** Puts the request in terms of the answer that the service gives. */
  function prepare(exchange: Exchange, { tree, mark, form }: Wanted): void {
    const { headers } = exchange.outgoing
    takeConditionsInside(exchange, mark)
    // What comes encoded has to be decoded, and goes out without.
    headers['accept-encoding'] = 'identity'
    // The client wants what is made here; the service is asked for what it is made of.
    const mayDiffer = negotiation !== null || (form !== null && form.format !== options.from)
    if (mayDiffer) headers.accept = options.accepts
    if (tree !== null && parameter !== null) {
      const changes = [{ kind: 'remove', name: parameter }] as const
      exchange.outgoing.query = changeQuery(exchange.outgoing.query, changes)
    }
  }

  async function judge(exchange: Exchange, answer: Answer, wanted: Wanted): Promise<Found> {
    if (!(answer instanceof Response) || !shaping.isRead(exchange, answer, wanted)) return 'passed'
    const shaped = await shaping.shape(exchange, answer.clone(), wanted)
    if (shaped.kind === 'refused') return shaped
    // A copy that nobody reads would make the runtime hold all of the body for it.
    discardBody(shaped.response.body)
    return shaped.isChanged ? 'changed' : 'passed'
  }

  return {
    varyBy: [...(negotiation === null ? [] : ['Accept']), ...fieldsReadBy(attributes)],
    async around(exchange, next, note) {
      const wanted = readWish(exchange)
      if ('code' in wanted) {
        note(exchange, wanted)
        return wanted
      }
      prepare(exchange, wanted)
      const answer = await next(exchange)
      if (!(answer instanceof Response)) {
        note(exchange, 'passed')
        return answer
      }
      const shaped = await shaping.shape(exchange, answer, wanted)
      if (shaped.kind === 'refused') {
        note(exchange, shaped)
        return shaped
      }
      note(exchange, shaped.isChanged ? 'changed' : 'passed')
      return shaped.response
    },
    async watch(exchange, next, note) {
      const wanted = readWish(exchange)
      const answer = await next(exchange)
      const found =
        'code' in wanted
          ? wanted
          : await judge(exchange, answer, wanted).catch((): Found => 'failed')
      note(exchange, found)
      return answer
    },
  }
}
