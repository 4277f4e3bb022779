/** Which profile a request has: what `by` names, else the first whose `when` holds, else the default. */
import { bindWhen } from '../../match/when.ts'
import { bindCaller } from '../../pipeline/caller.ts'
import type { Exchange } from '../../pipeline/exchange.ts'
import { isKnownLate, readAttribute } from '../../template/vocabulary.ts'
import { listOf, nameIn } from './core.ts'
import type { ProfilesOptions, ProfileWhen } from './schema.ts'

/** The name of the profile; null where the request has none. It awaits nothing and changes nothing. */
export type Choose = (exchange: Exchange) => string | null

interface Kind {
  readonly name: string
  readonly holds: (exchange: Exchange) => boolean
  /** Whether any of its conditions asks who is calling. */
  readonly asksCaller: boolean
}

export function bindChoice({ by = [], profiles, default: fallback }: ProfilesOptions): Choose {
  const names = new Set(Object.keys(profiles))
  const reads = by.flatMap((name) => {
    const read = readAttribute(name)
    // The schema has refused names that the vocabulary does not have.
    return read === null ? [] : [{ read, isVerified: isKnownLate(name) }]
  })
  const kinds = Object.entries(profiles).flatMap(([name, { when }]) =>
    when === undefined ? [] : [bindKind(name, listOf(when))],
  )
  const guarded = new Map(
    kinds.flatMap((kind) => (kind.asksCaller ? [[kind.name, kind] as const] : [])),
  )

  /** What a client writes by itself gets it no profile that is kept for certain callers. */
  function mayBeNamed(name: string, exchange: Exchange): boolean {
    return guarded.get(name)?.holds(exchange) !== false
  }

  return function choose(exchange) {
    for (const { read, isVerified } of reads) {
      const name = nameIn(names, read(exchange))
      if (name !== null && (isVerified || mayBeNamed(name, exchange))) return name
    }
    for (const { name, holds } of kinds) if (holds(exchange)) return name
    return fallback ?? null
  }
}

function bindKind(name: string, whens: readonly ProfileWhen[]): Kind {
  const conditions = whens.map(bindCondition)
  const [only] = conditions
  const holds =
    conditions.length === 1 && only !== undefined
      ? only
      : (exchange: Exchange) => conditions.some((condition) => condition(exchange))
  return { name, holds, asksCaller: whens.some(({ consumer }) => consumer !== undefined) }
}

function bindCondition({ consumer, ...match }: ProfileWhen): (exchange: Exchange) => boolean {
  const holds = bindWhen(match)
  if (consumer === undefined) return ({ subject }) => holds(subject)
  const isMeant = bindCaller(consumer)
  return ({ identity, subject }) => isMeant(identity) && holds(subject)
}
