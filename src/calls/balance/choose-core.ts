/** Chooses the target of one try, of those that share it. Changes only what the view holds for it. Pure. */
import { type Credits, pickNext, pickShare, pickShareBut } from './core.ts'
import { costOf, inFlightOf } from './gauge-core.ts'
import { pickRendezvous } from './rendezvous-core.ts'
import { type CallView, type Scratch, type SpreadRules, spread } from './spread-core.ts'
import type { TargetView } from './standing.ts'

export type Algorithm = 'round-robin' | 'least-requests' | 'random' | 'fastest' | 'hash'

/** All that one isolate knows of an upstream's targets. */
export interface BalanceView {
  readonly algorithm: Algorithm
  readonly targets: readonly TargetView[]
  readonly rules: SpreadRules
  readonly scratch: Scratch
  /** Of round robin. */
  readonly credits: Credits
  /** Of rendezvous hashing: a number per target, made from its URL. */
  readonly seeds: readonly number[]
}

export interface ChoiceRequest extends CallView {
  /** For what is left to chance: fresh numbers from 0 to 1, 1 excluded. */
  readonly chance: { fraction(): number }
  /** The hash of the request's key; null where it has none: chance decides. */
  readonly key: number | null
}

/** Index of the target; null where none may be called. */
export function chooseTarget(view: BalanceView, request: ChoiceRequest): number | null {
  const { targets, rules, scratch } = view
  if (!spread(targets, rules, request, scratch)) return null
  const { shares } = scratch
  switch (view.algorithm) {
    case 'round-robin':
      return pickNext(shares, view.credits)
    case 'random':
      return pickShare(shares, request.chance.fraction())
    case 'hash':
      return request.key === null
        ? pickShare(shares, request.chance.fraction())
        : pickRendezvous(shares, view.seeds, request.key)
    case 'least-requests':
    case 'fastest':
      return pickLighter(view, request)
  }
}

/**
 * The better of two that chance proposes: nearly as good as the best of all, and isolates that know little of each
 * other do not all run to the same one. Where both are as good, the first stands: so idle targets get their shares.
 */
function pickLighter(view: BalanceView, { chance, now }: ChoiceRequest): number {
  const { shares } = view.scratch
  const first = pickShare(shares, chance.fraction())
  const second = pickShareBut(shares, first, chance.fraction())
  if (second === null) return first
  return burden(view, second, now) < burden(view, first, now) ? second : first
}

/** What a target of this share has to bear. */
function burden({ algorithm, targets, scratch }: BalanceView, index: number, now: number): number {
  const { gauge } = targets[index] as TargetView
  const load = algorithm === 'fastest' ? costOf(gauge, now) : inFlightOf(gauge, now)
  return load / (scratch.shares[index] as number)
}
