/** Chooses the target of each try. With a single target there is nothing to choose, and no step. */

import type { Target } from '../call.ts'
import type { BindStep } from '../order.ts'
import { type Credits, pickNext } from './core.ts'

export const bindBalance: BindStep = ({ targets }) => {
  if (targets.length === 1) return null
  const weights = targets.map((target) => target.weight)
  const credits: Credits = weights.map(() => 0)
  return (next) =>
    function balance(call) {
      call.target = targets[pickNext(weights, credits)] as Target
      return next(call)
    }
}
