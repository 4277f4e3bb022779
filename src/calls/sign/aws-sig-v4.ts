/** `auth.awsSigV4`: signs each call with AWS Signature Version 4, by Web Crypto alone. */
import type { Refusal } from '../../errors/refusal.ts'
import type { Fields } from '../../http/headers.ts'
import type { Secret } from '../../http/secret.ts'
import type { Exchange } from '../../pipeline/exchange.ts'
import type { AwsSigV4Options } from '../../upstreams/http/auth-schema.ts'
import type { Call } from '../call.ts'
import { signableOf } from '../send/url.ts'
import {
  amzDate,
  authorizationField,
  canonicalRequest,
  credentialScope,
  isObjectStore,
  stringToSign,
} from './aws-sig-v4-core.ts'
import { DEFAULT_BODY_LIMIT_BYTES, readBytes } from './body.ts'
import type { SignStep } from './step.ts'

export interface AwsCredentials {
  readonly accessKeyId: Secret
  readonly secretAccessKey: Secret
  readonly sessionToken: Secret | null
}

const UNSIGNED_PAYLOAD = 'UNSIGNED-PAYLOAD'

export function bindAwsSigV4(options: AwsSigV4Options, credentials: AwsCredentials): SignStep {
  const { region, service, maxBodyBytes = DEFAULT_BODY_LIMIT_BYTES } = options
  const isStore = isObjectStore(service)
  const keyOf = bindDayKey(credentials.secretAccessKey, region, service)

  /** A stream goes on as it is where the service allows it: TLS then guards the body. */
  async function hashPayload(call: Call, scheme: string): Promise<string | Refusal> {
    if (isStore && scheme === 'https' && call.body instanceof ReadableStream) {
      return UNSIGNED_PAYLOAD
    }
    const bytes = await readBytes(call, maxBodyBytes)
    return bytes instanceof ArrayBuffer ? sha256Hex(bytes) : bytes
  }

  return async function signForAws(call) {
    const { headers, exchange } = call
    const request = signableOf(call)
    const payloadHash = await hashPayload(call, request.scheme)
    if (typeof payloadHash !== 'string') return payloadHash
    const date = amzDate(exchange.ports.clock.now())
    const scope = credentialScope(date, region, service)
    headers['x-amz-date'] = date
    if (isStore) headers['x-amz-content-sha256'] = payloadHash
    else delete headers['x-amz-content-sha256']
    if (credentials.sessionToken === null) delete headers['x-amz-security-token']
    else headers['x-amz-security-token'] = credentials.sessionToken.reveal()
    const { text, signedHeaders } = canonicalRequest(request, service, payloadHash)
    const toSign = stringToSign(date, scope, await sha256Hex(encode(text)))
    const signature = toHex(await hmac(await keyOf(date.slice(0, 8)), toSign))
    const accessKeyId = credentials.accessKeyId.reveal()
    headers.authorization = authorizationField({ accessKeyId, scope, signedHeaders, signature })
    return null
  }
}

/**
 * Takes the `x-amz-` fields that the client sent out of what goes on: they would be signed with the gateway's
 * rights, and some of them name other objects or roles. What the table itself writes stays.
 */
export function dropClientFields(headers: Fields, { received }: Exchange): void {
  for (const name of Object.keys(headers)) {
    if (name.startsWith('x-amz-') && headers[name] === received[name]) delete headers[name]
  }
}

/** The key of a day: four HMACs, made once per day, plan and isolate. */
function bindDayKey(secret: Secret, region: string, service: string) {
  let known: { readonly day: string; readonly key: CryptoKey } | null = null
  return async function keyOf(day: string): Promise<CryptoKey> {
    if (known?.day === day) return known.key
    let bytes = encode(`AWS4${secret.reveal()}`)
    for (const part of [day, region, service, 'aws4_request']) {
      bytes = new Uint8Array(await hmac(await importHmac(bytes), part))
    }
    const key = await importHmac(bytes)
    known = { day, key }
    return key
  }
}

function importHmac(bytes: Uint8Array<ArrayBuffer>): Promise<CryptoKey> {
  return crypto.subtle.importKey('raw', bytes, { name: 'HMAC', hash: 'SHA-256' }, false, ['sign'])
}

function hmac(key: CryptoKey, text: string): Promise<ArrayBuffer> {
  return crypto.subtle.sign('HMAC', key, encode(text))
}

async function sha256Hex(bytes: ArrayBuffer | Uint8Array<ArrayBuffer>): Promise<string> {
  return toHex(await crypto.subtle.digest('SHA-256', bytes))
}

function encode(text: string): Uint8Array<ArrayBuffer> {
  return new TextEncoder().encode(text) as Uint8Array<ArrayBuffer>
}

function toHex(bytes: ArrayBuffer): string {
  return Array.from(new Uint8Array(bytes), (byte) => byte.toString(16).padStart(2, '0')).join('')
}
