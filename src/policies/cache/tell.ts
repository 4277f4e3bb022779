/** Cache-Status (RFC 9211 §2) as an edit of the answer; an answer that was made here is changed where it stands. */
import { type CacheStatus, writeCacheStatus } from '../../http/cache-status.ts'
import type { Answer, AnswerEdit, Exchange } from '../../pipeline/exchange.ts'

const NAME = 'Cache-Status'

export interface Told {
  readonly status: CacheStatus
  /** The answer was made here, a moment ago: its fields can be changed where it stands. */
  readonly isOwn: boolean
}

/** Knows the answer that it was meant for. */
type OwnEdit = AnswerEdit & { readonly own?: Response }

/** Says what the cache did, before all other edits: the table's own have the last word. */
export function tell(exchange: Exchange, answer: Answer, { status, isOwn }: Told): void {
  const value = writeCacheStatus(status)
  if (isOwn && answer instanceof Response) {
    const edit: OwnEdit = { kind: 'add', name: NAME, value, own: answer }
    exchange.answer.unshift(edit)
    return
  }
  exchange.answer.unshift({ kind: 'add', name: NAME, value }, ...ownFields(answer))
}

/** What the service says to this gateway alone goes no further (RFC 9213 §2). */
function ownFields(answer: Answer): AnswerEdit[] {
  const name = 'Isogate-Cache-Control'
  if (!(answer instanceof Response) || !answer.headers.has(name)) return []
  return [{ kind: 'remove', name }]
}

/**
 * The answer with the edit that tells of it, where there is no other edit and the answer came through as the cache
 * made it: to make it anew for one field costs a tenth of a hit. Else as it is, its edits still to come.
 */
export function applyOwn(exchange: Exchange, answer: Answer): Answer {
  const [edit] = exchange.answer as readonly OwnEdit[]
  if (exchange.answer.length !== 1 || edit?.own !== answer || edit.kind !== 'add') return answer
  answer.headers.append(edit.name, edit.value as string)
  exchange.answer.length = 0
  return answer
}
