import { exportPKCS8, generateKeyPair } from 'jose'
import { expect, test } from 'vitest'
import { makeCall } from '../../../test/call.ts'
import { makeBindContext, START } from '../../../test/exchange.ts'
import type { SignatureOptions } from '../../upstreams/http/auth-schema.ts'
import { bindAuth } from './sign.ts'

type Parts = Parameters<typeof makeCall>[0]

/** Signs a call with a key of the algorithm; gives what was sent, and the key that verifies. */
async function sign(options: Partial<SignatureOptions>, parts: Parts, secret: string) {
  const context = makeBindContext({ secrets: { KEY: secret } })
  const signature = {
    key: { secret: 'KEY' },
    algorithm: 'hmac-sha256',
    keyId: 'gateway',
    ...options,
  } as const
  const call = makeCall(parts)
  const answer = await bindAuth({ signature }, context).around(async () => new Response('sent'))(
    call,
  )
  expect(context.missed).toEqual([])
  return { call, answer }
}

function bytesOf(field: string): Uint8Array<ArrayBuffer> {
  const base64 = /^isogate=:(.+):$/.exec(field)?.[1] ?? ''
  return Uint8Array.from(atob(base64), (byte) => byte.charCodeAt(0))
}

const parts = { base: 'https://Users.example.com:443/base', path: '/me?q=1', method: 'GET' }

function baseOf(params: string): Uint8Array<ArrayBuffer> {
  const lines = [
    '"@method": GET',
    '"@authority": users.example.com',
    '"@path": /base/me',
    '"@query": ?q=1',
    `"@signature-params": ${params}`,
  ]
  return new TextEncoder().encode(lines.join('\n')) as Uint8Array<ArrayBuffer>
}

test('an HMAC covers method, authority, path and query unless told otherwise', async () => {
  const { call } = await sign({}, parts, 'shared secret of sixteen')
  const input = call.headers['signature-input'] ?? ''
  expect(input).toBe(
    `isogate=("@method" "@authority" "@path" "@query");created=${START / 1000};nonce="${'0'.repeat(32)}";keyid="gateway";alg="hmac-sha256"`,
  )
  const raw = new TextEncoder().encode('shared secret of sixteen')
  const algorithm = { name: 'HMAC', hash: 'SHA-256' }
  const key = await crypto.subtle.importKey('raw', raw, algorithm, false, ['verify'])
  const base = baseOf(input.slice('isogate='.length))
  const signature = bytesOf(call.headers.signature ?? '')
  expect(await crypto.subtle.verify('HMAC', key, signature, base)).toBe(true)
})

test.each([
  ['ed25519', 'EdDSA', { name: 'Ed25519' }],
  ['ecdsa-p256-sha256', 'ES256', { name: 'ECDSA', hash: 'SHA-256' }],
] as const)('a signature of %s verifies with the public key', async (algorithm, alg, verify) => {
  const { privateKey, publicKey } = await generateKeyPair(alg, { extractable: true })
  const { call } = await sign({ algorithm }, parts, await exportPKCS8(privateKey))
  const input = (call.headers['signature-input'] ?? '').slice('isogate='.length)
  const signature = bytesOf(call.headers.signature ?? '')
  expect(signature).toHaveLength(64)
  expect(await crypto.subtle.verify(verify, publicKey, signature, baseOf(input))).toBe(true)
})

test('a digest of the body is made where it is covered', async () => {
  const body = new Response('{"hello": "world"}').body
  const { call } = await sign(
    { components: ['content-digest', 'x-absent'] },
    { ...parts, method: 'POST', body },
    'secret',
  )
  // The example of RFC 9530 appendix B.1 without its line feed, as RFC 9421 appendix B.2 has it for SHA-256.
  expect(call.headers['content-digest']).toBe(
    'sha-256=:X48E9qOokqqrvdts8nOJRJN3OWDUoyWxBf7kbu9DBPE=:',
  )
  expect(call.headers['signature-input']).toMatch(/^isogate=\("content-digest"\);/)
  expect(call.body).toBeInstanceOf(ArrayBuffer)
})

test('a body beyond the limit is refused, and not sent', async () => {
  const body = new Response('hello').body
  const { answer } = await sign(
    { components: ['content-digest'], maxBodyBytes: 4 },
    { ...parts, method: 'POST', body },
    'secret',
  )
  expect(answer).toMatchObject({ code: 'BODY_TOO_LARGE' })
})

test('a body that does not come is not waited for beyond the deadline', async () => {
  const context = makeBindContext({ secrets: { KEY: 'secret' } })
  const signature = {
    key: { secret: 'KEY' },
    algorithm: 'hmac-sha256' as const,
    keyId: 'gateway',
    components: ['content-digest'],
  }
  const call = makeCall({ ...parts, method: 'POST', body: new ReadableStream() })
  const controller = new AbortController()
  call.signal = controller.signal
  const sent: unknown[] = []
  const send = bindAuth({ signature }, context).around(async (one) => {
    sent.push(one)
    return new Response('sent')
  })
  const answer = send(call)
  controller.abort()
  expect(await answer).toMatchObject({ code: 'UPSTREAM_TIMEOUT' })
  expect(sent).toEqual([])
})

test('a signature of the client is replaced', async () => {
  const headers = { signature: 'sig1=:AAAA:', 'signature-input': 'sig1=("@method")' }
  const { call } = await sign({}, { ...parts, headers }, 'secret')
  expect(call.headers.signature).toMatch(/^isogate=:/)
  expect(call.headers['signature-input']).not.toContain('sig1')
})
