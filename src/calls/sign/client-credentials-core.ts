/** The client credentials grant (RFC 6749 §4.4): what is asked, and what an answer is good for. Pure. */
import { isVisibleAscii } from '../../http/field-values.ts'

export interface TokenQuestion {
  readonly clientId: string
  readonly clientSecret: string
  readonly clientAuth: 'basic' | 'post'
  readonly scope: string | null
  readonly audience: string | null
}

export interface TokenRequest {
  readonly headers: Readonly<Record<string, string>>
  readonly body: string
}

export function describeTokenRequest(question: TokenQuestion): TokenRequest {
  const { clientId, clientSecret, clientAuth, scope, audience } = question
  const form = new URLSearchParams({ grant_type: 'client_credentials' })
  if (scope !== null) form.set('scope', scope)
  if (audience !== null) form.set('audience', audience)
  if (clientAuth === 'post') {
    form.set('client_id', clientId)
    form.set('client_secret', clientSecret)
  }
  const headers = {
    accept: 'application/json',
    'content-type': 'application/x-www-form-urlencoded',
  }
  // §2.3.1: both are form-encoded before they are joined, so that all of it is ASCII.
  const pair = btoa(`${formEncode(clientId)}:${formEncode(clientSecret)}`)
  const proof = clientAuth === 'basic' ? { authorization: `Basic ${pair}` } : {}
  return { headers: { ...headers, ...proof }, body: form.toString() }
}

function formEncode(text: string): string {
  return new URLSearchParams([['', text]]).toString().slice(1)
}

export interface Grant {
  readonly token: string
  /** Milliseconds since 1970: when it came. */
  readonly gotAt: number
  /** From then on a new one is fetched, while this one still serves. */
  readonly refreshAt: number
  /** It is not sent from then on. */
  readonly expiresAt: number
}

export type TokenAnswer =
  | ({ readonly kind: 'granted' } & Grant)
  | { readonly kind: 'refused' }
  | { readonly kind: 'unreachable' }
  | { readonly kind: 'invalid' }

const LONGEST_TOKEN = 16_384 // Services take no longer header fields.
const DEFAULT_LIFE_SECONDS = 300 // §5.1 leaves expires_in open; five minutes are safe to assume.
const LONGEST_LIFE_SECONDS = 86_400 // A token that is revoked is not kept for longer than a day.

/** Reads the answer to a request that was sent at `now`. */
export function readTokenAnswer(status: number, text: string, now: number): TokenAnswer {
  if (status === 429 || status >= 500) return { kind: 'unreachable' }
  if (status !== 200) return { kind: 'refused' }
  const members = parse(text)
  if (members === null) return { kind: 'invalid' }
  const { access_token: token, token_type: type, expires_in: life } = members
  // §7.1: a token of a type that is not understood is not to be used.
  if (typeof type !== 'string' || type.toLowerCase() !== 'bearer') return { kind: 'invalid' }
  if (typeof token !== 'string' || !isVisibleAscii(token, LONGEST_TOKEN)) return { kind: 'invalid' }
  return { kind: 'granted', token, ...lifeOf(life, now) }
}

function parse(text: string): Readonly<Record<string, unknown>> | null {
  try {
    const value: unknown = JSON.parse(text)
    return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : null
  } catch {
    return null
  }
}

/** Fetched again when four fifths are over, a minute before the end at the earliest; not sent in the last moments. */
function lifeOf(written: unknown, now: number): Omit<Grant, 'token'> {
  // Some endpoints write the number as text.
  const stated = Number(written ?? DEFAULT_LIFE_SECONDS)
  const seconds = Number.isFinite(stated) ? stated : DEFAULT_LIFE_SECONDS
  const lifeMs = Math.min(Math.max(seconds, 0), LONGEST_LIFE_SECONDS) * 1000
  return {
    gotAt: now,
    refreshAt: now + lifeMs - Math.min(lifeMs / 5, 60_000),
    // The way to the service takes time, and its clock is not ours.
    expiresAt: now + lifeMs - Math.min(lifeMs / 10, 5000),
  }
}

/** Whether a call can be made a second time: its body is still there, and the service may see it twice (RFC 9110 §9.2.2). */
export function isRepeatable(method: string, body: unknown): boolean {
  return !(body instanceof ReadableStream) && idempotent.has(method)
}

const idempotent: ReadonlySet<string> = new Set([
  'GET',
  'HEAD',
  'OPTIONS',
  'PUT',
  'DELETE',
  'TRACE',
])
