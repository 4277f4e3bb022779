/** From what an operator writes for a key to its buckets; what cannot be one is told at its place. */
import type { Claim } from '../buckets/claims.ts'
import type { TableLimit, TableLimits } from '../config/buckets.ts'
import { authorityForm } from '../config/consumers.ts'
import type { Problem } from '../config/problem.ts'
import type { TableUsage } from '../config/usage.ts'
import { readAddress } from '../http/address.ts'
import type { Identity } from '../pipeline/exchange.ts'
import { suggestion } from '../schema/nearest.ts'
import type { AskedKey } from './buckets-body.ts'
import type { AdminCall } from './call.ts'
import { planOfKeys } from './key-plan.ts'
import { problem } from './read-body.ts'

export interface TableParts {
  readonly limits: TableLimits
  readonly usage: TableUsage
}

export type NamedBuckets =
  | {
      readonly kind: 'named'
      /** The location whose buckets they are; null where all share them. */
      readonly colo: string | null
      readonly claims: readonly Claim[]
    }
  | { readonly kind: 'unknown'; readonly problems: readonly Problem[] }

/** Rejects with a StoreFault where the plan of a key has to be read and cannot be. */
export async function findBuckets(
  asked: AskedKey,
  { limits, usage }: TableParts,
  call: AdminCall,
): Promise<NamedBuckets> {
  const limit = limits.get(asked.policy)
  if (limit === undefined) return unknown(unknownPolicy(asked.policy, limits))
  const { names, isLocal } = limit.buckets
  if (asked.key.length !== names.length) return unknown(wrongCount(asked.key.length, names))
  const unrouted = checkRoutes(asked.key, limit)
  if (unrouted !== null) return unknown(unrouted)
  const at = names.indexOf('consumer')
  const caller = at === -1 ? nobody : await readCaller(asked.key[at] ?? '', usage, call)
  if (caller.kind === 'unknown') return unknown(wrongValue(at, caller.expected))
  const { identity } = caller
  const colo = isLocal ? (asked.colo ?? call.client.colo ?? '') : null
  const found = limit.buckets.find({ values: asked.key, identity, colo: colo ?? '' })
  switch (found.kind) {
    case 'invalid':
      return unknown(wrongValue(found.index, found.expected))
    case 'without-plan':
      return unknown(withoutPlan(Math.max(0, at)))
    case 'found':
      return { kind: 'named', colo, claims: found.claims }
  }
}

type ReadCaller =
  | { readonly kind: 'caller'; readonly identity: Identity | null }
  | { readonly kind: 'unknown'; readonly expected: string }

const nobody: ReadCaller = { kind: 'caller', identity: null }

/** `authority|subject`, an address (with `address|` or without), or the name of a consumer. */
async function readCaller(text: string, usage: TableUsage, call: AdminCall): Promise<ReadCaller> {
  const bar = text.indexOf('|')
  const kind = text.slice(0, Math.max(0, bar))
  if (kind === 'address' || readAddress(text.replace(/\/64$/, '')) !== null) return nobody
  const [authority, subject] = authorityForm.test(kind) ? [kind, text.slice(bar + 1)] : [null, text]
  if (subject === '') {
    return {
      kind: 'unknown',
      expected: 'the name of a consumer, `authority|subject` or an address',
    }
  }
  const authorities = authority === null ? usage.authoritiesOf(subject) : [authority]
  const [only] = authorities
  if (only === undefined) {
    const expected = 'a consumer of this table, `authority|subject` or an address'
    return { kind: 'unknown', expected }
  }
  if (authorities.length > 1) {
    const pairs = authorities.map((one) => `\`${one}|…\``).join(' or ')
    return { kind: 'unknown', expected: `who of several callers of that name: ${pairs}` }
  }
  const plan = only === 'key' ? await planOfKeys(subject, call) : null
  return { kind: 'caller', identity: usage.identityOf(subject, only, plan) }
}

function unknown(one: Problem): NamedBuckets {
  return { kind: 'unknown', problems: [one] }
}

function unknownPolicy(name: string, limits: TableLimits): Problem {
  const known = [...limits.keys()]
  const listed = known.length === 0 ? '; the table has none' : `; known are ${known.join(', ')}`
  const meant = suggestion(name, known) || (known.length > MAX_LISTED ? '' : listed)
  const expected = `the name of a limit policy as \`GET /_gateway/buckets\` lists it${meant}`
  return problem('/policy', 'BUCKET_POLICY_UNKNOWN', { found: JSON.stringify(name), expected })
}

const MAX_LISTED = 20 // More names are no help.

function wrongCount(count: number, names: readonly string[]): Problem {
  const values = names.length === 1 ? 'one value' : `${names.length} values`
  return problem('/key', 'BUCKET_KEY_INVALID', {
    found: String(count),
    expected: `${values}, for ${names.join(', ')}`,
  })
}

/** A name that no route has would be a bucket that no request meets. */
function checkRoutes(key: readonly string[], { buckets, routes }: TableLimit): Problem | null {
  const at = buckets.names.indexOf('route')
  if (at === -1 || routes.includes(key[at] ?? '')) return null
  const listed = routes.length > MAX_LISTED ? '' : `: ${routes.join(', ')}`
  return wrongValue(at, `a route that runs the policy${listed}`)
}

/** The value itself is not shown: it may have come in a query. */
function wrongValue(index: number, expected: string): Problem {
  return problem(`/key/${index}`, 'BUCKET_KEY_INVALID', { found: 'another text', expected })
}

function withoutPlan(index: number): Problem {
  return problem(`/key/${index}`, 'BUCKET_KEY_INVALID', {
    found: 'one without',
    expected: 'a caller who has a plan',
  })
}
