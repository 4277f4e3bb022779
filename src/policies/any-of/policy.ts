/** `any-of`: asks identity policies in turn; the first whose credential is there decides. */
import type { Exchange } from '../../pipeline/exchange.ts'
import type {
  Authentication,
  BindContext,
  Identify,
  PolicyDefinition,
} from '../../pipeline/policy.ts'
import { decides, joinChallenges } from './core.ts'
import { type AnyOfOptions, anyOfSchema } from './schema.ts'

export const definition: PolicyDefinition<AnyOfOptions> = {
  use: 'any-of',
  schema: anyOfSchema,
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
    authenticate: (exchange) => ask(exchange, alternatives, 0),
  }
}

/** Most alternatives see at once that their credential is not there: only one that has to wait is waited for. */
function ask(
  exchange: Exchange,
  alternatives: readonly Identify[],
  from: number,
): Authentication | Promise<Authentication> {
  for (let at = from; at < alternatives.length; at++) {
    const found = (alternatives[at] as Identify).authenticate(exchange)
    if (found instanceof Promise) return askLate(exchange, alternatives, at, found)
    if (decides(found)) return found
  }
  return absent
}

async function askLate(
  exchange: Exchange,
  alternatives: readonly Identify[],
  at: number,
  pending: Promise<Authentication>,
): Promise<Authentication> {
  const found = await pending
  return decides(found) ? found : ask(exchange, alternatives, at + 1)
}
