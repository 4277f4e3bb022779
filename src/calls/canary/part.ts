/**
 * Splits as a part of what is known of the new upstream: isolates tell what both sides came to, the object judges
 * for the fleet, and remembers that it was left until an operator resets it.
 */
import type { FleetPart, LinkPart, Notice, PartContext } from '../state/part.ts'
import {
  absorb,
  addSide,
  type BothSides,
  beginCanary,
  type CanaryState,
  noSide,
  type RollbackRules,
  type SideCounts,
  sumOf,
  type WorseReason,
} from './core.ts'

/** The splits that have this upstream as the new one, by the names of their routes. */
export type CanaryRules = readonly (RollbackRules & { readonly route: string })[]

export interface CanaryWord extends BothSides {
  readonly route: string
}

export interface CanaryView {
  /** The routes on which it gets nothing any more. */
  readonly left: readonly string[]
}

type States = Map<string, CanaryState>
type Kept = readonly { readonly route: string; readonly left: NonNullable<CanaryState['left']> }[]
type Context = PartContext<CanaryRules>

/** What was left on routes that are gone is remembered for so many: the route may come back. */
const MAX_KEPT = 1_000

export const canaryPart: FleetPart<CanaryRules, readonly CanaryWord[], States, CanaryView, Kept> = {
  begin(kept) {
    return new Map((kept ?? []).map(({ route, left }) => [route, { ...beginCanary(), left }]))
  },

  exchange(states, { word }, context) {
    const notices: Notice[] = []
    for (const { route, ...counts } of word ?? []) {
      const rules = context.options.find((one) => one.route === route)
      if (rules === undefined) continue
      const state = states.get(route) ?? beginCanary()
      states.set(route, state)
      const reason = absorb(state, counts, rules, context.now)
      if (reason !== null) notices.push(noticeOf(route, reason))
    }
    for (const [route, state] of states) {
      if (state.left === null && !context.options.some((one) => one.route === route)) {
        states.delete(route)
      }
    }
    return { state: states, view: viewOf(states), notices }
  },

  keep(states) {
    const kept = [...states].flatMap(([route, { left }]) =>
      left === null ? [] : [{ route, left }],
    )
    return kept.length === 0 ? null : kept.slice(-MAX_KEPT)
  },

  command(states, command) {
    if (command.kind !== 'reset') return { state: states }
    const notices = [...states].flatMap(([route, { left }]) =>
      left === null ? [] : [noticeOf(route, 'operator')],
    )
    return { state: new Map(), notices }
  },

  show(states, { options, now }: Context) {
    return options.map((rules) => {
      const state = states.get(rules.route) ?? beginCanary()
      const { fresh, others } = sumOf(state, rules, now)
      const { left } = state
      return {
        route: rules.route,
        state: left === null ? 'on' : 'rolled-back',
        since: left === null ? null : new Date(left.at).toISOString(),
        reason: left?.reason ?? null,
        new: shown(fresh),
        others: shown(others),
      }
    })
  },
}

function viewOf(states: States): CanaryView {
  return { left: [...states].flatMap(([route, { left }]) => (left === null ? [] : [route])) }
}

function noticeOf(route: string, reason: WorseReason | 'operator'): Notice {
  const isBack = reason === 'operator'
  return {
    notice: 'rollback',
    from: isBack ? 'rolled-back' : 'on',
    to: isBack ? 'on' : 'rolled-back',
    reason,
    forSeconds: null,
    route,
  }
}

function shown({ requests, failed, timed, timeMs }: SideCounts) {
  return { requests, failed, meanMs: timed === 0 ? null : Math.round(timeMs / timed) }
}

/** What an isolate counted since it last told, and what it last heard. */
export interface LocalCanary {
  readonly counted: Map<string, BothSides>
  left: readonly string[]
}

export const canaryLink: LinkPart<CanaryRules, readonly CanaryWord[], CanaryView, LocalCanary> = {
  start: () => ({ counted: new Map(), left: [] }),

  say({ counted }) {
    if (counted.size === 0) return null
    const word = [...counted].map(([route, sides]) => ({ route, ...sides }))
    counted.clear()
    return word
  },

  unsay(local, words) {
    for (const { route, fresh, others } of words) {
      countSide(local, route, { side: 'fresh', counts: fresh })
      countSide(local, route, { side: 'others', counts: others })
    }
  },

  hear(local, { left }) {
    local.left = left
  },
}

/** Counts what requests of one side of a route's split came to. Bounded by the routes of the table. */
export function countSide(
  { counted }: LocalCanary,
  route: string,
  { side, counts }: { readonly side: keyof BothSides; readonly counts: Readonly<SideCounts> },
): void {
  let known = counted.get(route)
  if (known === undefined) {
    known = { fresh: noSide(), others: noSide() }
    counted.set(route, known)
  }
  addSide(known[side], counts)
}
