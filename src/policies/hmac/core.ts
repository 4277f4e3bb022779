/**
 * Reads the signatures of a request and decides which of them may count, before any cryptography (RFC 9421 §3.2).
 * Pure; `nowSeconds` is given.
 */
import {
  type CoveredComponent,
  componentValue,
  type SignableRequest,
  signatureBase,
} from '../../http/signature-base.ts'
import {
  type BareItem,
  type Dictionary,
  type Item,
  parseDictionary,
  writeItem,
  writeMember,
} from '../../http/structured-fields.ts'
import { queryParamValue } from './query-param.ts'

export interface Signature {
  readonly components: readonly Item[]
  /** The value of `@signature-params`. */
  readonly params: string
  readonly signature: Uint8Array<ArrayBuffer>
  readonly keyId: string
  readonly created: number
  readonly expires: number | null
  readonly nonce: string | null
  readonly algorithm: string | null
  readonly tag: string | null
}

export interface SignatureRules {
  /** Null for the default of the schema. */
  readonly components: readonly string[] | null
  readonly maxAgeSeconds: number
  readonly clockToleranceSeconds: number
  readonly needsNonce: boolean
}

/** Each costs a verification, and a request needs one. */
export const MAX_SIGNATURES = 4

// Longer ones would only fill the memory of what was seen.
const MAX_NONCE_LENGTH = 256

/** The signatures that are there, without those that lack what this gateway needs; null where a field is malformed. */
export function parseSignatures(input: string, signature: string): readonly Signature[] | null {
  const inputs = parseDictionary(input)
  const values = parseDictionary(signature)
  if (inputs === null || values === null) return null
  const signatures: Signature[] = []
  for (const label of inputs.keys()) {
    const read = readSignature(label, inputs, values)
    if (read !== null) signatures.push(read)
  }
  return signatures
}

function readSignature(label: string, inputs: Dictionary, values: Dictionary): Signature | null {
  const input = inputs.get(label)
  const value = values.get(label)
  if (input?.kind !== 'list' || value?.kind !== 'item' || value.value.kind !== 'bytes') return null
  const { parameters } = input
  const keyId = textOf(parameters.get('keyid'))
  const created = integerOf(parameters.get('created'))
  const expires = integerOf(parameters.get('expires'))
  const nonce = textOf(parameters.get('nonce'))
  const isOdd =
    (parameters.has('expires') && expires === null) || (parameters.has('nonce') && nonce === null)
  if (keyId === null || created === null || isOdd) return null
  return {
    components: input.items,
    params: writeMember(input),
    signature: value.value.value,
    keyId,
    created,
    expires,
    nonce,
    algorithm: textOf(parameters.get('alg')),
    tag: textOf(parameters.get('tag')),
  }
}

function textOf(item: BareItem | undefined): string | null {
  return item?.kind === 'string' ? item.value : null
}

function integerOf(item: BareItem | undefined): number | null {
  return item?.kind === 'integer' ? item.value : null
}

/** Why a signature does not count whatever its bytes are; null where they decide. */
export function objectionTo(
  signature: Signature,
  rules: SignatureRules,
  now: { readonly nowSeconds: number; readonly hasBody: boolean },
): string | null {
  const { created, expires, nonce } = signature
  const tolerance = rules.clockToleranceSeconds
  if (created > now.nowSeconds + tolerance) return 'signature-not-yet-valid'
  if (now.nowSeconds > created + rules.maxAgeSeconds + tolerance) return 'signature-expired'
  if (expires !== null && now.nowSeconds >= expires + tolerance) return 'signature-expired'
  if (nonce === null && rules.needsNonce) return 'signature-nonce-missing'
  if (nonce !== null && nonce.length > MAX_NONCE_LENGTH) return 'signature-nonce-too-long'
  return coversEnough(signature, rules.components, now.hasBody)
    ? null
    : 'signature-component-not-covered'
}

/** The second until which a signature of this age could come again. */
export function replayableUntil(
  { created }: Pick<Signature, 'created'>,
  { maxAgeSeconds, clockToleranceSeconds }: SignatureRules,
): number {
  return created + maxAgeSeconds + clockToleranceSeconds + 1
}

function coversEnough(
  signature: Signature,
  required: readonly string[] | null,
  hasBody: boolean,
): boolean {
  const covered = wholeComponents(signature)
  const has = (name: string) => covered.has(name) || (name === 'content-digest' && !hasBody)
  if (required !== null) return required.every(has)
  const target = has('@target-uri') || has('@request-target') || (has('@path') && has('@query'))
  return has('@method') && target && has('content-digest')
}

/** The names of the components that are covered as they are: one with parameters is another thing, or a part. */
export function wholeComponents({ components }: Signature): ReadonlySet<string> {
  return new Set(
    components.flatMap(({ value, parameters }) =>
      value.kind === 'string' && parameters.size === 0 ? [value.value] : [],
    ),
  )
}

/**
 * The text that was signed; null where a component is named twice, is not in the request, or has parameters that a
 * request has not (§2.5): `key` of a dictionary and `name` of a query parameter are known.
 */
export function baseOf(signature: Signature, request: SignableRequest): string | null {
  const covered: CoveredComponent[] = []
  const seen = new Set<string>()
  for (const component of signature.components) {
    const identifier = writeItem(component)
    const value = componentOf(component, request)
    if (value === null || seen.has(identifier)) return null
    seen.add(identifier)
    covered.push({ identifier, value })
  }
  return signatureBase(covered, signature.params)
}

function componentOf({ value, parameters }: Item, request: SignableRequest): string | null {
  // Names are lower-case in identifiers (§2.1); what is not is another component, that no request has.
  if (value.kind !== 'string' || value.value !== value.value.toLowerCase()) return null
  const name = value.value
  if (name === '@query-param') {
    const parameter = textOf(parameters.get('name'))
    if (parameter === null || parameters.size > 1) return null
    return queryParamValue(request.query, parameter)
  }
  if (parameters.size === 0) return componentValue(name, request)
  const key = textOf(parameters.get('key'))
  if (key === null || parameters.size > 1 || name.startsWith('@')) return null
  const field = componentValue(name, request)
  const member = field === null ? undefined : parseDictionary(field)?.get(key)
  return member === undefined ? null : writeMember(member)
}
