/** The look-up itself: the first candidate, in the order of the table, that takes the request. */
import { type Candidate, type Judgement, judge, type Purpose } from './candidate.ts'
import type { Subject } from './subject.ts'
import type { Leaf, MatchTable } from './table.ts'

type NeedsBody = Extract<Judgement, { kind: 'needs-body' }>

/** Where a look-up ended. With neither a candidate nor a need of the body, nothing takes the request. */
export interface Hit {
  readonly candidate: Candidate | null
  readonly needsBody: NeedsBody | null
  readonly path: string
  readonly spans: readonly number[]
  readonly restAt: number
}

export function findHit(table: MatchTable, subject: Subject, purpose: Purpose): Hit {
  const search = new Search(subject, purpose)
  table.search(subject.host, search)
  return search
}

/** One look-up and its outcome in one object, since it is made for each request. */
class Search implements Hit {
  readonly path: string
  // Room for two params: an empty array that is written to takes room for seventeen numbers.
  readonly spans: number[] = [0, 0, 0, 0]
  readonly subject: Subject
  readonly purpose: Purpose
  candidate: Candidate | null = null
  needsBody: NeedsBody | null = null
  restAt = 0

  constructor(subject: Subject, purpose: Purpose) {
    this.path = subject.path
    this.subject = subject
    this.purpose = purpose
  }

  accept(leaf: Leaf, restAt: number): boolean {
    for (let index = 0; index < leaf.length; index++) {
      const candidate = leaf[index] as Candidate
      const judged = judge(candidate, this.subject, this.purpose)
      if (judged.kind === 'failed') continue
      if (judged.kind === 'held') this.candidate = candidate
      else this.needsBody = judged
      this.restAt = restAt
      return true
    }
    return false
  }
}
