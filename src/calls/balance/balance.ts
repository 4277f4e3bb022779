/**
 * Chooses the target of each try. With a single target there is nothing to choose, and no step; what is not
 * configured (measuring, ejection, the cookie) is not done.
 */
import { refuse } from '../../errors/refusal.ts'
import type { Send, Target } from '../call.ts'
import { bindEjected } from '../ejection/ejected.ts'
import { bindHealthStandings } from '../health/standings.ts'
import type { BindStep } from '../order.ts'
import { bindChoice } from './choice.ts'
import { bindSticky, type Sticky } from './sticky.ts'
import { bindWatch } from './watch.ts'

export const bindBalance: BindStep = (scope) => {
  const { targets, options } = scope
  const ejected = bindEjected(scope)
  const health = bindHealthStandings(scope)
  const sticky = bindSticky(scope)
  const isPlain = ejected === null && health === null && sticky === null
  // One that drains still has its own: the choice knows what that means.
  if (targets.length === 1 && isPlain && !targets[0]?.draining) return null
  const choice = bindChoice(scope, { ejected, health, sticky })
  const measures = options.balance === 'least-requests' || options.balance === 'fastest'

  return function aroundWithBalance(next) {
    const known = sticky === null ? next : bindClients(sticky, next)
    const onward = measures ? bindWatch(known, choice) : known
    const send: Send = function balance(call) {
      const index = choice.choose(call)
      if (index === null) return Promise.resolve(refuse('NO_HEALTHY_TARGET', { unsent: true }))
      call.target = targets[index] as Target
      return onward(call)
    }
    if (sticky === null) return send
    return function balanceSticky(call) {
      return sticky.isReady ? send(call) : sticky.prepare().then(() => send(call))
    }
  }
}

/** Tells a client where it was served, unless its cookie says so already. */
function bindClients(sticky: Sticky, next: Send): Send {
  return async function bindClient(call) {
    const { index } = call.target
    const answer = await next(call)
    // A target that fails is none to stay with.
    const isGood = answer instanceof Response && answer.status < 500
    if (isGood && sticky.read(call.exchange) !== index) sticky.write(call, index)
    return answer
  }
}
