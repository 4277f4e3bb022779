import { expect, test } from 'vitest'
import { makeBindContext, makeExchange, START } from '../../../test/exchange.ts'
import {
  CREATED,
  ecdsaP256Key,
  ecdsaVector,
  ed25519Key,
  message,
  rsaPssKey,
  sharedSecret,
  vectors,
} from '../../../test/fixtures/message-signatures.ts'
import { makeGateway } from '../../../test/gateway.ts'
import { makeMemories } from '../../platform/memories.ts'
import { bindPublicKey } from './keys.ts'
import { definition } from './policy.ts'
import { hmacSchema } from './schema.ts'

const bytesOf = (base64: string) => Uint8Array.from(atob(base64), (c) => c.charCodeAt(0))
const text = (value: string) => new TextEncoder().encode(value).buffer as ArrayBuffer

const rfcKeys = {
  'test-key-rsa-pss': { algorithm: 'rsa-pss-sha512', publicKey: rsaPssKey },
  'test-key-ecc-p256': { algorithm: 'ecdsa-p256-sha256', publicKey: ecdsaP256Key },
  'test-key-ed25519': { algorithm: 'ed25519', publicKey: ed25519Key },
  'test-shared-secret': {
    algorithm: 'hmac-sha256',
    secret: { secret: 'SHARED' },
    encoding: 'base64',
  },
} as const

function bind(options: object, secrets: Record<string, string> = { SHARED: sharedSecret }) {
  const entry = { use: 'hmac', ...options }
  const parsed = hmacSchema.safeParse(entry)
  if (!parsed.success) throw new Error(JSON.stringify(parsed.error.issues))
  const policy = definition.bind(parsed.data, makeBindContext({ secrets }))
  if (policy.kind !== 'identify') throw new TypeError('not an identity policy')
  return policy
}

test.each(vectors)(
  'the signature of RFC 9421 $section counts if it covers the method',
  async (vector) => {
    const policy = bind({ keys: rfcKeys, components: ['@method'] })
    const signed = {
      ...message,
      now: CREATED * 1000,
      body: text(message.body),
      headers: {
        ...message.headers,
        'signature-input': `sig=${vector.input}`,
        signature: `sig=:${vector.signature}:`,
      },
    }
    const found = await policy.authenticate(makeExchange(signed))
    const covers = vector.input.includes('"@method"')
    expect(found).toMatchObject(
      covers
        ? { kind: 'verified', caller: { authority: 'hmac', subject: vector.keyId } }
        : { kind: 'refused', reason: 'signature-component-not-covered' },
    )
  },
)

test.each(vectors.filter(({ section }) => section !== 'B.2.1'))(
  'the signature of RFC 9421 $section is refused once anything of it is another',
  async (vector) => {
    const first = /\("([^"]+)"/.exec(vector.input)?.[1] ?? ''
    const policy = bind({ keys: rfcKeys, components: [first] })
    const ask = (change: object, headers: object = {}) =>
      policy.authenticate(
        makeExchange({
          ...message,
          now: CREATED * 1000,
          body: text(message.body),
          ...change,
          headers: {
            ...message.headers,
            'signature-input': `sig=${vector.input}`,
            signature: `sig=:${vector.signature}:`,
            ...headers,
          },
        }),
      )
    expect(await ask({})).toMatchObject({ kind: 'verified' })
    const other = vector.input.replace('created=1618884473', 'created=1618884474')
    expect(await ask({}, { 'signature-input': `sig=${other}` })).toMatchObject({
      reason: 'signature-wrong',
    })
    const url = message.url.replace('example.com', 'example.org')
    expect(await ask({ url })).toMatchObject({ reason: 'signature-wrong' })
    const flipped = btoa(atob(vector.signature).replace(/^./s, '\0'))
    expect(await ask({}, { signature: `sig=:${flipped}:` })).toMatchObject({
      reason: 'signature-wrong',
    })
  },
)

test('the signature of RFC 9421 B.2.4 is that of its ECDSA key', async () => {
  const verify = bindPublicKey('ecdsa-p256-sha256', ecdsaP256Key)
  expect(await verify(bytesOf(ecdsaVector.signature), ecdsaVector.base)).toBe('right')
  expect(await verify(bytesOf(ecdsaVector.signature), `${ecdsaVector.base} `)).toBe('wrong')
  expect(await verify(Uint8Array.of(1), ecdsaVector.base)).toBe('wrong')
})

test('a key whose point is on no curve is the fault of the table, not of the caller', async () => {
  const off = ecdsaP256Key.replace('XZCnTNnoXQ==', 'XZCnTNnoXA==')
  const policy = bind({ keys: { k: { algorithm: 'ecdsa-p256-sha256', publicKey: off } } })
  const headers = {
    'signature-input': `s=("@method" "@target-uri");created=${START / 1000};keyid="k"`,
    signature: `s=:${ecdsaVector.signature}:`,
  }
  expect(await policy.authenticate(makeExchange({ headers }))).toMatchObject({
    kind: 'unavailable',
    refusal: { code: 'ROUTE_UNAVAILABLE' },
    reason: 'signature-key-unusable',
  })
})

const secrets = { PARTNER: 'a shared secret of at least 32 bytes' }
const keys = {
  'partner-1': { algorithm: 'hmac-sha256', secret: { secret: 'PARTNER' }, consumer: 'partner' },
}
const now = START / 1000

/** Signs a request by hand, so that the test does not ask the code what is right. */
async function sign(lines: readonly (readonly [string, string])[], parameters: string) {
  const list = lines.map(([name]) => `"${name}"`).join(' ')
  const params = `(${list});${parameters}`
  const base = [
    ...lines.map(([name, value]) => `"${name}": ${value}`),
    `"@signature-params": ${params}`,
  ].join('\n')
  const hmac = { name: 'HMAC', hash: 'SHA-256' }
  const key = await crypto.subtle.importKey('raw', text(secrets.PARTNER), hmac, false, ['sign'])
  const bytes = new Uint8Array(await crypto.subtle.sign('HMAC', key, text(base)))
  const signature = `s=:${btoa(String.fromCharCode(...bytes))}:`
  return { 'signature-input': `s=${params}`, signature }
}

const uri = 'http://api.example.com/pay%6dents?a=1'
const target = '/pay%6dents?a=1'

async function digestOf(body: string) {
  const bytes = new Uint8Array(await crypto.subtle.digest('SHA-256', text(body)))
  return `sha-256=:${btoa(String.fromCharCode(...bytes))}:`
}

async function signedPost(body: string, parameters = `created=${now};keyid="partner-1"`) {
  const digest = await digestOf(body)
  const lines = [
    ['@method', 'POST'],
    ['@target-uri', uri],
    ['content-digest', digest],
  ] as const
  return { 'content-digest': digest, ...(await sign(lines, parameters)) }
}

const signedGet = (parameters = `created=${now};keyid="partner-1"`) =>
  sign(
    [
      ['@method', 'GET'],
      ['@target-uri', uri],
    ],
    parameters,
  )

function gatewayWith(options: object = {}) {
  const table = {
    version: 1,
    consumers: { partner: { roles: ['partner'] } },
    upstreams: { pay: { targets: ['http://pay.internal'] } },
    routes: [
      {
        name: 'pay',
        match: { path: '/*' },
        policies: [{ use: 'hmac', keys, ...options }],
        upstream: 'pay',
      },
    ],
  }
  return makeGateway(table, { secrets })
}

test('a signed body passes whole, to the service, without the signature, as its consumer', async () => {
  const gateway = gatewayWith()
  const headers = await signedPost('{"amount":1}')
  const response = await gateway.ask({ target, method: 'POST', body: '{"amount":1}', headers })
  expect(response.status).toBe(200)
  const [call] = gateway.calls
  expect(new TextDecoder().decode(call?.body as ArrayBuffer)).toBe('{"amount":1}')
  expect(call?.headers).toHaveProperty('content-digest')
  expect(call?.headers).not.toHaveProperty('signature')
  expect(call?.headers).not.toHaveProperty('signature-input')
  expect(gateway.events[0]).toMatchObject({
    consumer: 'partner',
    policies: { 'hmac-1': 'passed' },
  })
})

test('the target is what was sent, not what it was normalized to', async () => {
  const gateway = gatewayWith()
  expect((await gateway.ask({ target, headers: await signedGet() })).status).toBe(200)
  const other = '/payments?a=1'
  expect((await gateway.ask({ target: other, headers: await signedGet() })).status).toBe(401)
})

test.each([
  ['another body', async () => ({ body: '{"amount":2}' }), 'content-digest-wrong'],
  ['no digest that is known', async () => ({ stated: 'md5=:AAAA:' }), 'content-digest-unusable'],
  [
    'a second digest that is wrong',
    async () => ({ stated: `${await digestOf('{}')}, sha-512=:AAAA:` }),
    'content-digest-wrong',
  ],
])('a body with %s is refused', async (_what, make, reason) => {
  const { body = '{}', stated = await digestOf('{}') } = (await make()) as {
    body?: string
    stated?: string
  }
  const lines = [
    ['@method', 'POST'],
    ['@target-uri', uri],
    ['content-digest', stated],
  ] as const
  const signed = await sign(lines, `created=${now};keyid="partner-1"`)
  const gateway = gatewayWith()
  const headers = { 'content-digest': stated, ...signed }
  const response = await gateway.ask({ target, method: 'POST', body, headers })
  expect(await response.json()).toMatchObject({ status: 401, code: 'CREDENTIALS_INVALID' })
  expect(gateway.events[0]?.policies).toEqual({ 'hmac-1': `refused:${reason}` })
})

test('a body past the limit is 413, and in shadow mode goes on whole', async () => {
  const body = 'x'.repeat(100)
  const headers = await signedPost(body)
  const ask = { target, method: 'POST', body, headers }
  const enforced = await gatewayWith({ bodyLimitBytes: 99 }).ask(ask)
  expect(await enforced.json()).toMatchObject({ status: 413, code: 'BODY_TOO_LARGE' })
  const shadowed = gatewayWith({ bodyLimitBytes: 99, mode: 'shadow' })
  expect((await shadowed.ask(ask)).status).toBe(200)
  expect(await new Response(shadowed.calls[0]?.body).text()).toBe(body)
  expect(shadowed.events[0]?.policies).toEqual({ 'hmac-1': 'would-refuse:body-too-large' })
})

test.each([
  [`created=${now - 306};keyid="partner-1"`, 'signature-expired'],
  [`created=${now + 6};keyid="partner-1"`, 'signature-not-yet-valid'],
  [`created=${now};expires=${now - 5};keyid="partner-1"`, 'signature-expired'],
  [`created=${now};keyid="partner-2"`, 'signature-key-unknown'],
  [`created=${now};keyid="constructor"`, 'signature-key-unknown'],
  [`created=${now};keyid="partner-1";alg="ed25519"`, 'signature-algorithm-not-allowed'],
  [`keyid="partner-1"`, 'signature-malformed'],
])(
  'a signature with %s is refused as %s, with one and the same body',
  async (parameters, reason) => {
    const gateway = gatewayWith()
    const response = await gateway.ask({ target, headers: await signedGet(parameters) })
    expect(response.headers.get('www-authenticate')).toBe('Signature')
    const { instance: _, ...problem } = (await response.json()) as Record<string, unknown>
    const wrong = await gateway.ask({
      target: '/other',
      headers: await signedGet(),
    })
    const { instance: __, ...expected } = (await wrong.json()) as Record<string, unknown>
    expect(problem).toEqual(expected)
    expect(gateway.events[0]?.policies).toEqual({ 'hmac-1': `refused:${reason}` })
  },
)

test('half a signature is a bad one, and none is missing', async () => {
  const gateway = gatewayWith({ optional: true })
  const { signature, 'signature-input': input } = await signedGet()
  expect((await gateway.ask({ target, headers: { signature } })).status).toBe(401)
  expect((await gateway.ask({ target, headers: { 'signature-input': input } })).status).toBe(401)
  expect((await gateway.ask({ target })).status).toBe(200)
})

test('of several signatures one that is ours and right is enough', async () => {
  const ours = await signedGet()
  const headers = {
    'signature-input': `proxy=("@method");created=${now};keyid="proxy", ${ours['signature-input']}`,
    signature: `proxy=:AAAA:, ${ours.signature}`,
  }
  expect((await gatewayWith().ask({ target, headers })).status).toBe(200)
})

test('only signatures with the tag count where one is asked for', async () => {
  const tagged = await signedGet(`created=${now};keyid="partner-1";tag="pay"`)
  expect((await gatewayWith({ tag: 'pay' }).ask({ target, headers: tagged })).status).toBe(200)
  const headers = await signedGet()
  expect((await gatewayWith({ tag: 'pay' }).ask({ target, headers })).status).toBe(401)
})

test('the scheme that clients sign can be another than that of the connection', async () => {
  const lines = [
    ['@method', 'GET'],
    ['@target-uri', uri.replace('http:', 'https:')],
  ] as const
  const headers = await sign(lines, `created=${now};keyid="partner-1"`)
  expect((await gatewayWith().ask({ target, headers })).status).toBe(401)
  expect((await gatewayWith({ scheme: 'https' }).ask({ target, headers })).status).toBe(200)
})

const nonced = (nonce: string) => signedGet(`created=${now};keyid="partner-1";nonce="${nonce}"`)

function authenticateWith(options: object, parts: object) {
  return bind({ keys, ...options }, secrets).authenticate(makeExchange({ url: uri, ...parts }))
}

test('of two requests with one nonce at a time, one passes', async () => {
  const headers = await nonced('n1')
  const memories = makeMemories()
  const both = await Promise.all([1, 2].map(() => authenticateWith({}, { headers, memories })))
  expect(both.map(({ kind }) => kind).sort()).toEqual(['refused', 'verified'])
  expect(both.find(({ kind }) => kind === 'refused')).toMatchObject({
    reason: 'signature-replayed',
  })
})

test('another isolate of the location knows the nonce, and one of another location does not', async () => {
  const headers = await nonced('n2')
  const kept = new Map<string, { text: string; seconds: number }>()
  const responses = {
    get: async (key: string) => kept.get(key)?.text ?? null,
    put: async (key: string, value: string, seconds: number) => {
      kept.set(key, { text: value, seconds })
    },
  }
  const parts = () => ({ headers, memories: makeMemories(), responses })
  expect(await authenticateWith({}, parts())).toMatchObject({ kind: 'verified' })
  expect(await authenticateWith({}, parts())).toMatchObject({ reason: 'signature-replayed' })
  expect(await authenticateWith({}, { headers, memories: makeMemories() })).toMatchObject({
    kind: 'verified',
  })
  expect([...kept.values()]).toEqual([{ text: 'seen', seconds: 306 }])
})

test('a nonce is not used up by a request whose signature is wrong', async () => {
  const headers = await nonced('n3')
  const memories = makeMemories()
  const wrong = { headers, memories, url: 'http://api.example.com/other' }
  expect(await authenticateWith({}, wrong)).toMatchObject({ reason: 'signature-wrong' })
  expect(await authenticateWith({}, { headers, memories })).toMatchObject({ kind: 'verified' })
})

test('a nonce can be asked for', async () => {
  const options = { nonce: 'required' }
  const missing = await authenticateWith(options, { headers: await signedGet() })
  expect(missing).toMatchObject({ reason: 'signature-nonce-missing' })
  const there = await authenticateWith(options, { headers: await nonced('n4') })
  expect(there).toMatchObject({ kind: 'verified' })
})

test.each([
  [{}, 'SECRET_MISSING'],
  [{ SHARED: '' }, 'SECRET_MISSING'],
  [{ SHARED: 'no base64!' }, 'SECRET_INVALID'],
])('with the secrets %j the route is taken out: %s', (given, code) => {
  const context = makeBindContext({ secrets: given })
  definition.bind({ use: 'hmac', keys: { 'a/b': rfcKeys['test-shared-secret'] } }, context)
  expect(context.missed).toEqual([['/routes/0/policies/0/keys/a~1b/secret', code, 'SHARED']])
})

test.each([
  [{}],
  [{ keys: {} }],
  [{ keys: { a: { algorithm: 'hmac-sha256' } } }],
  [{ keys: { a: { algorithm: 'hmac-sha256', secret: 'text' } } }],
  [{ keys: { a: { algorithm: 'none', secret: { secret: 'A' } } } }],
  [{ keys: { a: { algorithm: 'ed25519', publicKey: ecdsaP256Key } } }],
  [{ keys: { a: { algorithm: 'ecdsa-p256-sha256', publicKey: 'AAAA' } } }],
  [{ keys: { a: { algorithm: 'ed25519', secret: { secret: 'A' } } } }],
  [{ keys: { a: { algorithm: 'hmac-sha256', publicKey: ed25519Key } } }],
  [{ keys, components: [] }],
  [{ keys, components: ['Date'] }],
  [{ keys, components: ['@status'] }],
  [{ keys, nonce: true }],
  [{ keys, when: { headers: { signature: { present: true } } } }],
])('%j is refused by the schema', (options) => {
  expect(hmacSchema.safeParse({ use: 'hmac', ...options }).success).toBe(false)
})
