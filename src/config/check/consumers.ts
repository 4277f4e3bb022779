/** Entries of `consumers` that no caller can be, and names of consumers that nobody has. */
import { suggestion } from '../../schema/nearest.ts'
import { authorityForm } from '../consumers.ts'
import { countTokenSources, entriesOf, issuersOf } from '../entries.ts'
import type { Problem } from '../problem.ts'
import type { RouteTable } from '../schema.ts'
import { warned } from './note.ts'
import { placedEntries } from './placed.ts'

export function checkConsumers(table: RouteTable): Problem[] {
  return [...unmatched(table), ...untrusted(table), ...unknownNames(table)]
}

/** With several issuers a subject alone says too little. */
function unmatched(table: RouteTable): Problem[] {
  const sources = countTokenSources(table)
  if (sources < 2) return []
  return Object.entries(table.consumers ?? {})
    .filter(([, { issuers }]) => issuers === undefined)
    .map(([name]) =>
      warned(
        ['consumers', name],
        'CONSUMER_UNMATCHED',
        `expected \`issuers\`, found none: the table trusts ${sources} sources of tokens, so no token is this consumer`,
        { expected: '`issuers`' },
      ),
    )
}

/** Which policy knows the callers of an authority. */
const policyFor: Readonly<Record<string, string>> = {
  key: 'api-key',
  basic: 'basic-auth',
  hmac: 'hmac',
  mtls: 'mtls',
  introspection: 'introspection',
  external: 'external-auth',
}

function untrusted(table: RouteTable): Problem[] {
  const uses = new Set<string>(entriesOf(table).map(({ use }) => use))
  const trusted = new Set(issuersOf(table))
  return Object.entries(table.consumers ?? {}).flatMap(([name, { issuers = [] }]) =>
    issuers.flatMap((issuer, at) => {
      const isTrusted = authorityForm.test(issuer)
        ? isKnown(issuer, uses, trusted)
        : trusted.has(issuer)
      if (isTrusted) return []
      const meant = suggestion(issuer, trusted)
      const message = `expected an issuer that a policy of the table trusts, found ${JSON.stringify(issuer)}${meant}`
      return [warned(['consumers', name, 'issuers', at], 'CONSUMER_ISSUER_UNKNOWN', message)]
    }),
  )
}

function isKnown(issuer: string, uses: ReadonlySet<string>, trusted: ReadonlySet<string>): boolean {
  const kind = issuer.split(':', 1)[0] as string
  if (kind === 'jwt') return trusted.has(issuer.slice('jwt:'.length))
  return uses.has(policyFor[kind] ?? '')
}

/** A warning, for the record of a key may name a consumer that the table does not list. */
function unknownNames(table: RouteTable): Problem[] {
  const known = new Set(Object.keys(table.consumers ?? {}))
  return placedEntries(table).flatMap(({ entry, path }) => {
    if (entry.use !== 'authorize' || entry.consumers === undefined) return []
    const { consumers } = entry
    const [list, place] =
      'all' in consumers
        ? [consumers.all, [...path, 'consumers', 'all']]
        : [consumers, [...path, 'consumers']]
    return list.flatMap((ref, at) => {
      if (typeof ref !== 'string' || known.has(ref)) return []
      const message = `expected a name of \`consumers\`, found ${JSON.stringify(ref)}${suggestion(ref, known)}`
      return [warned([...place, at], 'CONSUMER_UNKNOWN', message)]
    })
  })
}
