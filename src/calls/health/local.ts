/** Health as each isolate holds it: what the object said last, and which targets it has to know of. */
import { hashText } from '../balance/rendezvous-core.ts'
import type { Target } from '../call.ts'
import type { LinkPart } from '../state/part.ts'
import type { HealthView, HealthWord } from './part.ts'
import type { HealthRules } from './rules.ts'

export interface HealthLocal {
  /** Changes whenever a target becomes healthy or unhealthy. */
  version: number
  unhealthy: ReadonlySet<string>
  targets: readonly Target[]
  listName: number
  /** That of the list that the object knows. */
  knownName: number | null
}

export const healthLink: LinkPart<HealthRules, HealthWord, HealthView, HealthLocal> = {
  start: () => ({
    version: 0,
    unhealthy: new Set(),
    targets: [],
    listName: 0,
    knownName: null,
  }),

  say: ({ targets, listName, knownName }) => ({
    targets: knownName === listName ? null : targets.map(({ url }) => url),
    listName,
  }),

  unsay: () => {},

  hear(local, { unhealthy, listName }) {
    local.knownName = listName
    const { unhealthy: before } = local
    if (unhealthy.length === before.size && unhealthy.every((target) => before.has(target))) return
    local.unhealthy = new Set(unhealthy)
    local.version += 1
  },
}

/** The isolate calls these targets from now on. The same list again costs a comparison. */
export function tellTargets(local: HealthLocal, targets: readonly Target[]): void {
  if (local.targets === targets) return
  local.targets = targets
  local.listName = hashText(targets.map(({ url }) => url).join('\n'))
}
