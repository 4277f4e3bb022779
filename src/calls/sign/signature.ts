/** `auth.signature`: an HTTP Message Signature over parts of the request, as the service gets it (RFC 9421). */
import type { SignatureOptions } from '../../upstreams/http/auth-schema.ts'
import type { Call } from '../call.ts'
import { signableOf } from '../send/url.ts'
import { DEFAULT_BODY_LIMIT_BYTES, readBytes } from './body.ts'
import { describeSignature, digestField, signatureFields } from './signature-core.ts'
import { refuseUnproven, type SignStep } from './step.ts'

/** Signs with one algorithm and one key; null where the runtime does not take the key. */
export type SignBytes = (bytes: Uint8Array<ArrayBuffer>) => Promise<ArrayBuffer | null>

const defaultComponents = ['@method', '@authority', '@path', '@query']

export function bindSignature(options: SignatureOptions, signBytes: SignBytes): SignStep {
  const { algorithm, keyId, components = defaultComponents } = options
  const rules = { algorithm, keyId, components }
  const limitBytes = options.maxBodyBytes ?? DEFAULT_BODY_LIMIT_BYTES
  const hasDigest = components.includes('content-digest')

  async function writeDigest(call: Call) {
    const bytes = await readBytes(call, limitBytes)
    if (!(bytes instanceof ArrayBuffer)) return bytes
    call.headers['content-digest'] = digestField(new Uint8Array(await sha256(bytes)))
    return null
  }

  return async function signRequest(call) {
    const { ports } = call.exchange
    const refusal = hasDigest ? await writeDigest(call) : null
    if (refusal !== null) return refusal
    const createdSeconds = Math.floor(ports.clock.now() / 1000)
    const moment = { createdSeconds, nonce: ports.randomness.hex(16) }
    const message = describeSignature(signableOf(call), rules, moment)
    const signature = await signBytes(encode(message.base))
    if (signature === null) return refuseUnproven(call.exchange, 'key-unusable')
    // A signature that the client made does not fit what goes on: these take its place.
    Object.assign(call.headers, signatureFields(message, new Uint8Array(signature)))
    return null
  }
}

function sha256(bytes: ArrayBuffer): Promise<ArrayBuffer> {
  return crypto.subtle.digest('SHA-256', bytes)
}

function encode(text: string): Uint8Array<ArrayBuffer> {
  return new TextEncoder().encode(text) as Uint8Array<ArrayBuffer>
}
