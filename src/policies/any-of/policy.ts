/** `any-of`: asks identity policies in turn; the first whose credential is there decides. */
import type { Exchange } from '../../pipeline/exchange.ts'
import type {
  Authentication,
  BindContext,
  Identify,
  PolicyDefinition,
} from '../../pipeline/policy.ts'
import { decides, isForeign, joinChallenges } from './core.ts'
import type { AnyOfOptions } from './schema.ts'

export const definition: PolicyDefinition<AnyOfOptions> = {
  use: 'any-of',
  stage: 'identify',
  arity: 'one',
  summary: 'Takes one of several kinds of credential.',
  bind: bindAnyOf,
}

const absent: Authentication = Object.freeze({ kind: 'absent' })

function bindAnyOf({ policies, optional = false }: AnyOfOptions, context: BindContext): Identify {
  const alternatives = policies.map((entry, index) => {
    const bound = context.bindInner(entry, `${context.pointer}/policies/${index}`)
    if (bound.kind !== 'identify') throw new TypeError(`${entry.use} finds out nobody`)
    return bound
  })
  return {
    kind: 'identify',
    optional,
    challenge: joinChallenges(alternatives.map(({ challenge }) => challenge)),
    authenticate: (exchange) => ask(exchange, alternatives),
  }
}

/** Most alternatives see at once that their credential is not there: only one that has to wait is waited for. */
function ask(
  exchange: Exchange,
  alternatives: readonly Identify[],
  otherwise: Authentication = absent,
): Authentication | Promise<Authentication> {
  const [first, ...rest] = alternatives
  if (first === undefined) return otherwise
  const found = first.authenticate(exchange)
  const goOn = (late: Authentication) => {
    if (decides(late)) return late
    // Beside a good credential that stands elsewhere it would still be a bad one.
    return isForeign(late)
      ? ask(
          exchange,
          rest.filter(({ reads }) => reads === first.reads),
          late,
        )
      : ask(exchange, rest, otherwise)
  }
  return found instanceof Promise ? found.then(goOn) : goOn(found)
}
