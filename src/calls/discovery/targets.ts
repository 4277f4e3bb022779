/**
 * Which targets a call may go to: those of the table, and those that discovery brings, with a balance step of their
 * own for each list. The first request of an isolate waits for the first list; none does afterwards.
 */
import { refuse } from '../../errors/refusal.ts'
import { SingleFlight } from '../../platform/single-flight.ts'
import { bindBalance } from '../balance/balance.ts'
import type { Call, Send, Target } from '../call.ts'
import { noteMissingSecrets } from '../health/secrets.ts'
import type { BindStep, CallScope } from '../order.ts'
import { bindPartLink, type PartLink } from '../state/bind-link.ts'
import type { Entry } from '../state/part.ts'
import { makeTarget } from '../target.ts'
import type { DiscoveryLocal } from './local.ts'

/** As long as a message to the object may take; the deadline of the call bounds it too. */
const FIRST_LIST_MS = 5_000

export const bindTargets: BindStep = (scope) => {
  noteMissingSecrets(scope)
  const link = scope.options.discover === undefined ? null : bindPartLink(scope, 'discovery')
  // Also where all targets are discovered: it notes what this Worker lacks.
  const fixed = bindBalance(scope)
  return link === null ? fixed : (next) => bindLists(scope, link, next)
}

function bindLists(scope: CallScope, link: PartLink, next: Send): Send {
  const flight = new SingleFlight<boolean>(FIRST_LIST_MS)
  const key = link.spec.discovery?.key
  let seen: readonly Entry[] | null = null
  let inner: Send | null = null

  function adopt({ entries: heard, heardOf }: DiscoveryLocal): void {
    // What another source said, which the table had before, is nothing to this one.
    const entries = heardOf === key ? heard : none
    if (entries === seen) return
    seen = entries
    const targets = targetsOf(scope.targets, entries)
    if (scope.roster !== undefined) scope.roster.targets = targets
    inner = bindOver(scope, targets, next)
  }

  function go(call: Call, local: DiscoveryLocal): ReturnType<Send> {
    adopt(local)
    if (inner !== null) return inner(call)
    return Promise.resolve(refuse('NO_HEALTHY_TARGET', { unsent: true }))
  }

  async function goAfterFirst(call: Call, local: DiscoveryLocal): ReturnType<Send> {
    const { ports } = call.exchange
    // The list outlives tables in the isolate: who waits here has none.
    await flight.fly(ports, () => link.of(call).exchange(ports, link.spec, FIRST_LIST_MS))
    return go(call, local)
  }

  return function discover(call) {
    const local = link.of(call).locals.discovery
    const isKnown = local.heardOf === key
    if (isKnown || call.exchange.ports.clock.now() < local.patientAt) return go(call, local)
    return goAfterFirst(call, local)
  }
}

const none: readonly Entry[] = []

/** Null where there is no target. */
function bindOver(scope: CallScope, targets: readonly Target[], next: Send): Send | null {
  const [first] = targets
  if (first === undefined) return null
  const balanced = bindBalance({ ...scope, targets })
  if (balanced !== null) return balanced(next)
  return function onlyTarget(call) {
    call.target = first
    return next(call)
  }
}

/** Those of the table first; one that both name is as the table has it. */
function targetsOf(fixed: readonly Target[], entries: readonly Entry[]): readonly Target[] {
  const known = new Set(fixed.map(({ url }) => url))
  const added = entries.filter(({ url }) => !known.has(url))
  return [
    ...fixed,
    ...added.map(({ url, ...rest }, at) => makeTarget(url, { ...rest, index: fixed.length + at })),
  ]
}
