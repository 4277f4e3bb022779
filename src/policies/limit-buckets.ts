/** Finds the buckets of a limit by what an operator writes for a key, as the requests of that key find them. */
import type { Claim } from '../buckets/claims.ts'
import type { BucketPlace, BucketShape } from '../buckets/shape.ts'
import type { Exchange, Identity } from '../pipeline/exchange.ts'
import type { BindContext, FoundBuckets, LimitBuckets, NamedKey } from '../pipeline/policy.ts'
import { isKnownLate } from '../template/vocabulary.ts'
import { bindKeyForm, type KeyForm, type LimitKeyOptions } from './limit-key.ts'
import { prefixed } from './limit-key-parts.ts'
import { expectedOf } from './limit-key-shown.ts'

interface Given {
  readonly shapes: readonly BucketShape[] | null
  /** What is asked of a key at this place; null where nothing says what the caller may have. */
  claims(place: BucketPlace, caller: Pick<Exchange, 'identity'>): readonly Claim[] | null
}

export function bindLimitBuckets(
  options: LimitKeyOptions,
  context: BindContext,
  { shapes, claims }: Given,
): LimitBuckets {
  const form = bindKeyForm(options, context)
  const names = form.parts.flatMap((part) => part.names)
  return {
    names,
    isLocal: form.isLocal,
    shapes,
    find(key) {
      const found = findPlace(form, names, key)
      if (found.kind === 'invalid') return found
      const listed = claims(found.place, key)
      return listed === null ? { kind: 'without-plan' } : { kind: 'found', claims: listed }
    },
  }
}

type FoundPlace =
  | { readonly kind: 'place'; readonly place: BucketPlace }
  | Extract<FoundBuckets, { kind: 'invalid' }>

function findPlace(form: KeyForm, names: readonly string[], key: NamedKey): FoundPlace {
  const { values, identity } = key
  const caller = { identity: identity ?? impliedBy(names, values) }
  let text = form.isLocal ? prefixed(key.colo) : ''
  let at = 0
  for (const part of form.parts) {
    const written = values.slice(at, at + part.names.length)
    const value = part.readNamed(written, identity)
    if (value === null) {
      const index = at + part.names.findIndex((name) => name === 'client.ip' || !name.includes('.'))
      return { kind: 'invalid', index, expected: expectedOf(names[index] ?? '') }
    }
    text += prefixed(value)
    at += part.names.length
  }
  const isVerified = form.parts.every((part) => part.isVerified(caller))
  return { kind: 'place', place: form.place(text, isVerified) }
}

const somebody: Identity = Object.freeze({
  authority: '',
  subject: '',
  claims: {},
  roles: [],
  scopes: [],
  permissions: [],
  consumer: null,
})

/** Only a verified caller has claims: where `by` does not name the caller, a value that stands in for one tells. */
function impliedBy(names: readonly string[], values: readonly string[]): Identity | null {
  if (names.includes('consumer')) return null
  return names.some((name, at) => isKnownLate(name) && values[at] !== '') ? somebody : null
}
