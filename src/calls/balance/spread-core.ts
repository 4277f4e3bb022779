/**
 * Which targets share a call, and in which shares: those of one rank. Ranks are the priorities, and within each how
 * near a target is. A rank takes as much as its healthy part can carry; what is left goes to the next. Pure.
 */
import { isUsable, type TargetView, warmth } from './standing.ts'

export interface SpreadRules {
  /** Below this share of usable targets all are used again (Envoy's panic threshold); 0 never. */
  readonly panicPercent: number
  readonly slowStartMs: number
  /** The distinct priorities, lowest first. */
  readonly levels: readonly number[]
  /** Whether any target has a zone. */
  readonly zoned: boolean
}

export interface CallView {
  readonly now: number
  /** From 0 to 1, 1 excluded: which rank, where several share. A hash gives the same for the same key. */
  readonly fraction: number
  readonly colo: string | null
  readonly continent: string | null
  /** URLs that tries of this call went to already. */
  readonly tried: ReadonlySet<string> | null
}

/** Written anew for each call, kept so that a call allocates nothing. */
export interface Scratch {
  /** The share of each target, 0 where the call must not go there. */
  readonly shares: number[]
  readonly totals: number[]
  readonly usable: number[]
  /** The targets that are as if they were not there, since they were tried. */
  tried: ReadonlySet<string> | null
  panics: boolean
}

export function makeScratch(targets: number, { levels, zoned }: SpreadRules): Scratch {
  const ranks = levels.length * (zoned ? TIERS : 1)
  return {
    shares: new Array<number>(targets).fill(0),
    totals: new Array<number>(ranks).fill(0),
    usable: new Array<number>(ranks).fill(0),
    tried: null,
    panics: false,
  }
}

/** A rank of which 71 % is usable still carries all of its calls (Envoy's overprovisioning factor). */
const OVERPROVISIONING = 1.4

/** Writes the shares; false where no target may be called. */
export function spread(
  targets: readonly TargetView[],
  rules: SpreadRules,
  call: CallView,
  scratch: Scratch,
): boolean {
  scratch.tried = null
  scratch.panics = false
  count(targets, rules, call, scratch)
  scratch.tried = call.tried
  scratch.panics = isPanic(rules, scratch)
  if (scratch.panics || scratch.tried !== null) count(targets, rules, call, scratch)
  if (share(targets, rules, call, scratch)) return true
  if (scratch.tried === null) return false
  // All that are left were tried: again is better than not at all.
  scratch.tried = null
  count(targets, rules, call, scratch)
  return share(targets, rules, call, scratch)
}

/** Whether so few targets are usable, over all ranks, that they could not carry the calls of all. */
function isPanic({ panicPercent }: SpreadRules, scratch: Scratch): boolean {
  let total = 0
  let usable = 0
  let carried = 0
  for (let rank = 0; rank < scratch.totals.length; rank += 1) {
    total += scratch.totals[rank] as number
    usable += scratch.usable[rank] as number
    carried += availability(scratch, rank)
  }
  return carried < 1 && 100 * usable < panicPercent * total
}

function share(
  targets: readonly TargetView[],
  rules: SpreadRules,
  call: CallView,
  scratch: Scratch,
): boolean {
  const rank = pickRank(scratch, call.fraction)
  if (rank === null) return false
  const { now } = call
  for (let index = 0; index < targets.length; index += 1) {
    const target = targets[index] as TargetView
    const takes = mayTake(target, now, scratch) && rankOf(target, rules, call) === rank
    scratch.shares[index] = takes ? target.weight * warmth(target, rules.slowStartMs, now) : 0
  }
  return true
}

function count(
  targets: readonly TargetView[],
  rules: SpreadRules,
  call: CallView,
  scratch: Scratch,
): void {
  const { totals, usable } = scratch
  totals.fill(0)
  usable.fill(0)
  for (const target of targets) {
    if (isAbsent(target, scratch)) continue
    const rank = rankOf(target, rules, call)
    totals[rank] = (totals[rank] as number) + 1
    if (mayTake(target, call.now, scratch)) usable[rank] = (usable[rank] as number) + 1
  }
}

/** Those of weight 0, those that drain and those that were tried are as if they were not there. */
function isAbsent({ weight, standing, url }: TargetView, { tried }: Scratch): boolean {
  return weight === 0 || standing === 'draining' || tried?.has(url) === true
}

function mayTake(target: TargetView, now: number, scratch: Scratch): boolean {
  return !isAbsent(target, scratch) && (scratch.panics || isUsable(target, now))
}

/** In the client's location, then on its continent or anywhere, then elsewhere. */
const TIERS = 3

function rankOf(
  { priority, zone }: TargetView,
  { levels, zoned }: SpreadRules,
  { colo, continent }: CallView,
): number {
  const level = levels.length === 1 ? 0 : levels.indexOf(priority)
  if (!zoned) return level
  const tier = zone !== null && zone === colo ? 0 : zone === null || zone === continent ? 1 : 2
  return level * TIERS + tier
}

/** The part of all calls that a rank can carry, from 0 to 1. */
function availability({ totals, usable }: Scratch, rank: number): number {
  const total = totals[rank] as number
  return total === 0 ? 0 : Math.min(1, (OVERPROVISIONING * (usable[rank] as number)) / total)
}

/** The rank of this call; null where none can carry anything. */
function pickRank(scratch: Scratch, fraction: number): number | null {
  let carried = 0
  for (let rank = 0; rank < scratch.totals.length && carried < 1; rank += 1) {
    carried += availability(scratch, rank)
  }
  // What all together cannot carry is spread over them in the same shares.
  let rest = fraction * Math.min(1, carried)
  let last: number | null = null
  for (let rank = 0; rank < scratch.totals.length; rank += 1) {
    const part = availability(scratch, rank)
    if (part === 0) continue
    rest -= part
    if (rest < 0) return rank
    last = rank
  }
  return last
}
