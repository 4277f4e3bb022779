/** What copies of an upstream's requests came to: counted in isolates, summed in the upstream's object. Pure. */
import type { Notice } from '../state/part.ts'

export interface MirrorCounts {
  /** Copies that were sent. */
  sent: number
  /** Requests that were chosen and not copied, as their body is larger than the limit. */
  tooLarge: number
  /** Copies that got no answer, or could not be made. */
  failed: number
  compared: number
  different: number
}

/** What is told of one mirror. */
export interface MirrorWord extends Readonly<MirrorCounts> {
  /** The upstream that gets the copies. */
  readonly upstream: string
  /** Of some answers that differed, what did. */
  readonly samples: readonly (readonly string[])[]
}

/** What the object knows of one mirror: since it began, and since its last line. */
export interface MirrorState {
  readonly upstream: string
  readonly all: MirrorCounts
  readonly recent: MirrorCounts
  samples: readonly (readonly string[])[]
  toldAt: number | null
}

/** Lines for operators are not more than so many. */
const TELL_EVERY_MS = 60_000
export const MAX_SAMPLES = 3

export function noCounts(): MirrorCounts {
  return { sent: 0, tooLarge: 0, failed: 0, compared: 0, different: 0 }
}

export function addCounts(to: MirrorCounts, counts: Readonly<MirrorCounts>): void {
  to.sent += counts.sent
  to.tooLarge += counts.tooLarge
  to.failed += counts.failed
  to.compared += counts.compared
  to.different += counts.different
}

export function beginMirror(upstream: string): MirrorState {
  return { upstream, all: noCounts(), recent: noCounts(), samples: [], toldAt: null }
}

/** Takes in a word; gives a line where answers differed and none was written for a minute. */
export function absorbWord(state: MirrorState, word: MirrorWord, now: number): Notice | null {
  addCounts(state.all, word)
  addCounts(state.recent, word)
  state.samples = [...word.samples, ...state.samples].slice(0, MAX_SAMPLES)
  const isDue = state.toldAt === null || now < state.toldAt || now - state.toldAt >= TELL_EVERY_MS
  if (state.recent.different === 0 || !isDue) return null
  const { compared, different } = state.recent
  const detail = { mirror: state.upstream, compared, different, samples: state.samples }
  state.toldAt = now
  Object.assign(state.recent, noCounts())
  return {
    notice: 'mirror',
    from: 'same',
    to: 'different',
    reason: 'answers-differ',
    forSeconds: null,
    detail,
  }
}
