/** The look-up itself: the first candidate, in the order of the table, that takes the request. */
import { type Candidate, judge, type Purpose } from './candidate.ts'
import type { Subject } from './subject.ts'
import type { Leaf, MatchTable } from './table.ts'

export type Hit =
  | {
      readonly kind: 'hit'
      readonly candidate: Candidate
      readonly path: string
      readonly spans: readonly number[]
      readonly restAt: number
    }
  | { readonly kind: 'needs-body'; readonly limitBytes: number }

/** The candidate that takes the request; null where none does. */
export function findHit(table: MatchTable, subject: Subject, purpose: Purpose): Hit | null {
  const search = new Search(subject, purpose)
  table.search(subject.host, search)
  return search.hit
}

/** One look-up: a class, so that it costs one object and no closure. */
class Search {
  readonly path: string
  readonly spans: number[] = []
  hit: Hit | null = null
  readonly #subject: Subject
  readonly #purpose: Purpose

  constructor(subject: Subject, purpose: Purpose) {
    this.path = subject.path
    this.#subject = subject
    this.#purpose = purpose
  }

  accept(leaf: Leaf, restAt: number): boolean {
    for (const candidate of leaf.candidates) {
      const judged = judge(candidate, this.#subject, this.#purpose)
      if (judged.kind === 'failed') continue
      const { path, spans } = this
      this.hit = judged.kind === 'held' ? { kind: 'hit', candidate, path, spans, restAt } : judged
      return true
    }
    return false
  }
}
