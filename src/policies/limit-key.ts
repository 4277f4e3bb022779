/**
 * Names the bucket of a request (`by`, `scope`, `location` of every limit). A key in which nothing can be chosen
 * freely by a client has an object of its own; every other lives in one of 256 shard objects, so that nobody makes
 * objects without end (DESIGN.md, State). Names of objects hold hashes only.
 */

import { sha256Hex } from '../buckets/sha256.ts'
import type { BucketPlace, LocationHint } from '../buckets/shape.ts'
import type { Exchange } from '../pipeline/exchange.ts'
import type { BindContext } from '../pipeline/policy.ts'
import { bindKeyPart, type KeyPart, prefixed } from './limit-key-parts.ts'

/** How long a request waits for its bucket unless told otherwise. */
export const DEFAULT_STORE_TIMEOUT_MS = 1_000 // ROUTES.md §1.

export interface LimitKeyOptions {
  /** Short forms, names of the template vocabulary, or templates; together one key. `["consumer"]` unless given. */
  readonly by?: readonly string[] | undefined
  /** `colo`: one bucket per location. */
  readonly scope?: 'global' | 'colo' | undefined
  readonly location?: LocationHint | undefined
}

/** What stands for a request's key: the same object for the same key, as long as it is remembered. */
export type PerKey<Value> = (exchange: Exchange) => Value

/** Where the bucket of a request lives. */
export function bindLimitKey(options: LimitKeyOptions, context: BindContext): PerKey<BucketPlace> {
  return bindPerKey(options, context, (place) => place)
}

// A key and what is made of it are some 600 bytes: at most 12 MB in an isolate, whatever the table has of limits.
const MAX_KEYS = 10_000

/** `maker` tells whose value it is: the same key of a newer table has another. */
interface Made {
  readonly maker: object
  readonly value: unknown
}

/**
 * The same for what is made of the place once and then remembered: the hot path is one look-up. `make` sees nothing
 * of the request, so that what it gives holds for all requests of the key.
 */
export function bindPerKey<Value>(
  options: LimitKeyOptions,
  context: BindContext,
  make: (place: BucketPlace) => Value,
): PerKey<Value> {
  const { parts, isLocal, place } = bindKeyForm(options, context)
  const maker = {}
  // Routes that share a bucket have values of their own: a caller who goes from one to the other makes neither anew.
  const prefix = `${context.id}/${context.route}/`

  return function perKey(exchange) {
    let key = isLocal ? prefixed(exchange.client.colo ?? '') : ''
    let isVerified = true
    for (const part of parts) {
      key += prefixed(part.read(exchange))
      if (isVerified) isVerified = part.isVerified(exchange)
    }
    // Apart, so that a flood of made-up keys drives no caller's key out.
    const name = isVerified ? 'limits:verified-keys' : 'limits:open-keys'
    const memory = exchange.ports.memories.of<Made>(name, MAX_KEYS)
    const entry = prefix + key
    const known = memory.get(entry, exchange.startedAt)
    if (known?.maker === maker) return known.value as Value
    const value = make({ ...place(key, isVerified), shown: showKey(parts, isLocal, exchange) })
    memory.set(entry, { maker, value }, Number.POSITIVE_INFINITY)
    return value
  }
}

/** How the options of a limit make a key of values, and a place of a key. */
export interface KeyForm {
  readonly parts: readonly KeyPart[]
  /** Whether each location has its own: then it comes first. */
  readonly isLocal: boolean
  place(key: string, isVerified: boolean): BucketPlace
}

export function bindKeyForm(options: LimitKeyOptions, context: BindContext): KeyForm {
  const { by = ['consumer'], scope = 'global', location = null } = options
  const parts = by.map((text) => bindKeyPart(text, context.route))
  return {
    parts,
    isLocal: scope === 'colo',
    place: bindPlace({ policy: context.id, location, hidden: parts.some(isHidden) }, context),
  }
}

/** What operators call the key of a request; made once per key. */
function showKey(parts: readonly KeyPart[], isLocal: boolean, exchange: Exchange): string {
  const values = parts.flatMap((part) => part.show(exchange))
  return JSON.stringify(isLocal ? [exchange.client.colo ?? '', ...values] : values)
}

/**
 * A bucket beside others of the same key and policy, such as that of a second window. A key's own object holds all
 * of them; of shards each has its own, so that the bucket which keys share in a full one is one limit.
 */
export function placeWithin(place: BucketPlace, part: string): BucketPlace {
  return place.bucket === ''
    ? { ...place, bucket: part }
    : { ...place, object: `${place.object}/${part}` }
}

function isHidden(part: KeyPart): boolean {
  return part.hidden
}

// What a key is without a salt of the operator's: the same for all isolates and builds.
const DEFAULT_SALT = 'isogate'

// Names of buckets stand in storage and in the lists of operators; longer keys are hashed.
const MAX_BUCKET_LENGTH = 200

function bindPlace(
  {
    policy,
    location,
    hidden,
  }: Pick<BucketPlace, 'policy' | 'location'> & { readonly hidden: boolean },
  { environment }: BindContext,
): (key: string, isVerified: boolean) => BucketPlace {
  const salt = environment.salt ?? DEFAULT_SALT
  // An object's name has at most 1,024 bytes, and names of sets may be of any length and script.
  const owner = policy.length <= 256 ? policy : sha256Hex(policy)
  return function placeOf(key, isVerified) {
    const hash = sha256Hex(prefixed(salt) + key)
    if (isVerified)
      return { policy, object: `${owner}|k${hash.slice(0, 32)}`, bucket: '', location }
    const bucket = hidden || key.length > MAX_BUCKET_LENGTH ? `h${hash.slice(0, 32)}` : key
    return { policy, object: `${owner}|s${hash.slice(-2)}`, bucket, location }
  }
}
