/** Ejection as each isolate holds it. */
import type { LinkPart } from '../state/part.ts'
import { type EjectionLocal, hearView, recordTry, startLocal } from './local-core.ts'
import type { EjectionView, EjectionWord } from './part.ts'
import type { EjectionRules } from './rules.ts'

export const ejectionLink: LinkPart<EjectionRules, EjectionWord, EjectionView, EjectionLocal> = {
  start: startLocal,

  say(local) {
    if (local.untold.length === 0) return null
    const ejected = local.untold
    local.untold = []
    return { ejected }
  },

  unsay(local, { ejected }) {
    local.untold.unshift(...ejected.filter((target) => !local.untold.includes(target)))
  },

  hear(local, view, { sentAt }) {
    hearView(local, view, sentAt)
  },

  learn(local, outcome, { options, now }) {
    return recordTry(local, outcome, options, now)
  },
}
