/** What services get as the proof of the gateway, over real processes: a recording origin, and oidc-provider. */
import {
  createHash,
  createHmac,
  createPublicKey,
  generateKeyPairSync,
  type JsonWebKey,
  verify,
} from 'node:crypto'
import jsonwebtoken from 'jsonwebtoken'
import Provider from 'oidc-provider'
import { beforeAll, expect, test } from 'vitest'
import { ask } from './client.ts'
import { type Gateway, type Origin, startGateway, startOrigin } from './harness.ts'

const ISSUER = 'https://api.example.com'
const JWT_SECRET = 'a secret of the issuer that has 32 bytes'

const pemOf = (key: ReturnType<typeof generateKeyPairSync>['privateKey']) =>
  key.export({ type: 'pkcs8', format: 'pem' }).toString()
const signingKey = generateKeyPairSync('ec', { namedCurve: 'P-256' })
const nextKey = generateKeyPairSync('ed25519')

const vars = {
  JWT_SECRET,
  SIGNING_KEY: pemOf(signingKey.privateKey),
  // As a line of a file of variables has it.
  SIGNING_KEY_NEXT: pemOf(nextKey.privateKey).replaceAll('\n', '\\n'),
  CLIENT_SECRET: 'p@ss: word',
  AWS_SECRET: 'wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY',
  SHARED_KEY: 'a key that both sides know',
}

let gateway: Gateway
let origin: Origin
let provider: Origin
/** Access tokens that the provider gave, in order. */
const granted: string[] = []

/** A real OpenID provider on loopback that knows this gateway as a client. */
async function startProvider(): Promise<Origin> {
  let answer: ReturnType<Provider['callback']> | null = null
  const server = await startOrigin((request, response) => void answer?.(request, response))
  const oidc = new Provider(server.url, {
    clients: [
      {
        client_id: 'gateway',
        client_secret: vars.CLIENT_SECRET,
        grant_types: ['client_credentials'],
        redirect_uris: [],
        response_types: [],
      },
    ],
    scopes: ['users:read'],
    features: { clientCredentials: { enabled: true }, devInteractions: { enabled: false } },
  })
  oidc.on('client_credentials.saved', (token) => void granted.push(token.jti))
  oidc.on('server_error', (_context, error) => console.error(error))
  answer = oidc.callback()
  return server
}

/** Tokens that the origin answers with 401. */
const revoked = new Set<string>()

beforeAll(async () => {
  provider = await startProvider()
  origin = await startOrigin(async (request, response) => {
    const chunks: Buffer[] = []
    for await (const chunk of request) chunks.push(chunk as Buffer)
    const isRevoked = revoked.has(request.headers.authorization ?? '')
    response.writeHead(isRevoked ? 401 : 200)
    response.end(Buffer.concat(chunks))
  })
  const targets = [`${origin.url}/base`]
  const clientCredentials = {
    tokenUrl: `${provider.url}/token`,
    clientId: 'gateway',
    clientSecret: { secret: 'CLIENT_SECRET' },
    scope: 'users:read',
  }
  const aws = {
    region: 'us-east-1',
    accessKeyId: 'AKIDEXAMPLE',
    secretAccessKey: { secret: 'AWS_SECRET' },
  }
  gateway = await startGateway({
    vars,
    routes: {
      version: 1,
      consumers: { alice: { plan: 'standard', roles: ['reader'] } },
      upstreams: {
        sign: {
          targets,
          auth: { sign: { issuer: ISSUER, audience: 'users', claims: ['tenant'] } },
        },
        signature: {
          targets,
          auth: {
            signature: {
              key: { secret: 'SIGNING_KEY' },
              algorithm: 'ecdsa-p256-sha256',
              keyId: 'gateway-1',
              components: ['@method', '@target-uri', 'content-digest'],
            },
          },
        },
        shared: {
          targets,
          auth: {
            signature: { key: { secret: 'SHARED_KEY' }, algorithm: 'hmac-sha256', keyId: 'k' },
          },
        },
        token: { targets, auth: { clientCredentials } },
        down: {
          targets,
          auth: {
            clientCredentials: { ...clientCredentials, tokenUrl: 'http://127.0.0.1:1/token' },
          },
        },
        wrong: {
          targets,
          auth: { clientCredentials: { ...clientCredentials, clientId: 'other' } },
        },
        s3: { targets, auth: { awsSigV4: { ...aws, service: 's3' } } },
        lambda: { targets, auth: { awsSigV4: { ...aws, service: 'lambda' } } },
        unusable: {
          targets,
          auth: { sign: { issuer: ISSUER, audience: 'users', key: { secret: 'SHARED_KEY' } } },
        },
      },
      routes: [
        ...['signature', 'shared', 'token', 'down', 'wrong', 's3', 'lambda', 'unusable'].map(
          (name) => ({
            name,
            match: { path: `/${name}/*` },
            upstream: name,
          }),
        ),
        {
          name: 'sign',
          match: { path: '/sign/*' },
          policies: [
            {
              use: 'jwt',
              issuer: 'https://id.example.com',
              audience: 'shop',
              secret: { secret: 'JWT_SECRET' },
              optional: true,
            },
          ],
          upstream: 'sign',
        },
      ],
    },
  })
})

const bearer = () => origin.last().headers.authorization?.replace(/^Bearer /, '') ?? ''

interface Jwk extends JsonWebKey {
  readonly kid: string
  readonly alg: string
}

async function publishedKeys(): Promise<readonly Jwk[]> {
  const reply = await ask(gateway.url, { path: '/.well-known/jwks.json' })
  expect(reply.status).toBe(200)
  expect(reply.headers['cache-control']).toBe('public, max-age=300')
  return (JSON.parse(reply.body) as { readonly keys: readonly Jwk[] }).keys
}

/** Verified by another library than the one that signed, with the published key that the token names. */
async function verifyToken(token: string) {
  const { header } = jsonwebtoken.decode(token, { complete: true }) ?? {}
  const jwk = (await publishedKeys()).find(({ kid }) => kid === header?.kid)
  const key = createPublicKey({ key: jwk as JsonWebKey, format: 'jwk' })
  return jsonwebtoken.verify(token, key, {
    algorithms: ['ES256'],
    issuer: ISSUER,
    audience: 'users',
  }) as jsonwebtoken.JwtPayload
}

test('the service gets a token of the gateway in the place of the client’s', async () => {
  const token = jsonwebtoken.sign({ tenant: 7, email: 'a@example.com' }, JWT_SECRET, {
    subject: 'alice',
    issuer: 'https://id.example.com',
    audience: 'shop',
    expiresIn: 60,
  })
  const headers = { Authorization: `Bearer ${token}` }
  expect((await ask(gateway.url, { path: '/sign/me', headers })).status).toBe(200)
  const first = bearer()
  expect(first).not.toBe(token)
  expect(await verifyToken(first)).toMatchObject({
    sub: 'alice',
    act: {
      sub: 'alice',
      iss: 'https://id.example.com',
      authority: 'jwt:https://id.example.com',
    },
    consumer: 'alice',
    plan: 'standard',
    roles: ['reader'],
    tenant: 7,
  })
  await ask(gateway.url, { path: '/sign/me', headers })
  expect(bearer()).toBe(first)
})

test('the token of an anonymous caller has no act', async () => {
  await ask(gateway.url, { path: '/sign/me' })
  const payload = await verifyToken(bearer())
  expect(payload.sub).toBe('route:sign')
  expect(payload).not.toHaveProperty('act')
})

test('the key that signs and the next one are published, without their private parts', async () => {
  const keys = await publishedKeys()
  expect(keys.map(({ alg }) => alg)).toEqual(['ES256', 'EdDSA'])
  const own = [signingKey, nextKey].map(({ publicKey }) => publicKey.export({ format: 'jwk' }).x)
  expect(keys.map(({ x }) => x)).toEqual(own)
  expect(keys.flatMap((key) => Object.keys(key))).not.toContain('d')
})

// Paths and queries whose form on the wire could differ from what was signed.
const targets = [
  '/me?q=1',
  '/a%20b/c',
  "/it's(1)*!~",
  '/%C3%BC?ü=%C3%BC',
  '/x?',
  "/x?a='b'&c=d|e{f}",
  '/a|b',
]

test.each(targets)('the signature of %s covers what the service gets', async (target) => {
  const path = `/signature${encodeURI(decodeURI(target))}`
  const body = '{"name":"Ada"}'
  const reply = await ask(gateway.url, { method: 'POST', path, body })
  expect(reply).toMatchObject({ status: 200, body })
  const { url, headers } = origin.last()
  const input = String(headers['signature-input']).replace(/^isogate=/, '')
  const digest = `sha-256=:${createHash('sha256').update(body).digest('base64')}:`
  expect(headers['content-digest']).toBe(digest)
  const base = [
    '"@method": POST',
    `"@target-uri": ${origin.url}${url}`,
    `"content-digest": ${digest}`,
    `"@signature-params": ${input}`,
  ].join('\n')
  const signature = Buffer.from(String(headers.signature).slice('isogate=:'.length, -1), 'base64')
  const key = { key: signingKey.publicKey, dsaEncoding: 'ieee-p1363' } as const
  expect(verify('sha256', Buffer.from(base), key, signature)).toBe(true)
})

test('a shared key signs method, authority, path and query', async () => {
  await ask(gateway.url, { path: '/shared/a?b=c' })
  const { headers, url } = origin.last()
  const input = String(headers['signature-input']).replace(/^isogate=/, '')
  const [path, query] = url.split('?')
  const base = [
    '"@method": GET',
    `"@authority": ${headers.host}`,
    `"@path": ${path}`,
    `"@query": ?${query}`,
    `"@signature-params": ${input}`,
  ].join('\n')
  const mac = createHmac('sha256', vars.SHARED_KEY).update(base).digest('base64')
  expect(headers.signature).toBe(`isogate=:${mac}:`)
})

test('a token of the provider is fetched once and sent; while it is young a 401 goes to the client', async () => {
  const headers = { Authorization: 'Bearer client' }
  await Promise.all(
    Array.from({ length: 5 }, () => ask(gateway.url, { path: '/token/me', headers })),
  )
  expect(granted).toHaveLength(1)
  expect(bearer()).toBe(granted[0])
  expect(provider.last()).toMatchObject({ method: 'POST', url: '/token' })
  revoked.add(`Bearer ${granted[0]}`)
  // It is young: the 401 goes to the client, and the provider is left alone.
  expect((await ask(gateway.url, { path: '/token/me' })).status).toBe(401)
  expect(granted).toHaveLength(1)
})

test.each([
  ['down', 'failed:token-endpoint-unreachable'],
  ['wrong', 'failed:token-endpoint-refused'],
])('with a token endpoint that is %s nothing is sent', async (name, outcome) => {
  const before = origin.count()
  const reply = await ask(gateway.url, { path: `/${name}/me` })
  expect(reply.status).toBe(502)
  expect(JSON.parse(reply.body)).toMatchObject({ code: 'UPSTREAM_AUTH_FAILED' })
  expect(reply.body).not.toContain('127.0.0.1:1')
  expect(origin.count()).toBe(before)
  const event = await gateway.event(({ route }) => route === name)
  expect(event.policies).toMatchObject({ 'upstream-auth': outcome })
})

/** The signature of the request as the origin got it, made by another implementation. */
function awsSignature(service: string, body: string): string {
  const { method, url, headers } = origin.last()
  const [path = '', query = ''] = url.split('?')
  const signed = /SignedHeaders=([^,]+)/.exec(headers.authorization ?? '')?.[1] ?? ''
  const hash = (text: string) => createHash('sha256').update(text).digest('hex')
  const hmac = (key: string | Buffer, text: string) =>
    createHmac('sha256', key).update(text).digest()
  const strict = (text: string) =>
    encodeURIComponent(text).replace(
      /[!'()*]/g,
      (c) => `%${c.charCodeAt(0).toString(16).toUpperCase()}`,
    )
  const once = path.split('/').map((part) => strict(decodeURIComponent(part)))
  const segments = service === 's3' ? once : path.split('/').map(strict)
  const pairs = [...new URLSearchParams(query)].map(
    ([name, value]) => `${strict(name)}=${strict(value)}`,
  )
  const canonical = [
    method,
    segments.join('/'),
    pairs.sort().join('&'),
    ...signed.split(';').map((name) => `${name}:${headers[name]}`),
    '',
    signed,
    hash(body),
  ].join('\n')
  const date = String(headers['x-amz-date'])
  const day = date.slice(0, 8)
  const scope = `${day}/us-east-1/${service}/aws4_request`
  const key = [day, 'us-east-1', service, 'aws4_request'].reduce<string | Buffer>(
    (before, part) => hmac(before, part),
    `AWS4${vars.AWS_SECRET}`,
  )
  return hmac(key, `AWS4-HMAC-SHA256\n${date}\n${scope}\n${hash(canonical)}`).toString('hex')
}

test.each(
  ['s3', 'lambda'].flatMap((service) => targets.map((target) => [service, target] as const)),
)('for %s the signature of %s fits what the service gets', async (service, target) => {
  const body = 'hello'
  const path = `/${service}${encodeURI(decodeURI(target))}`
  const headers = { Authorization: 'Bearer client', 'X-Amz-Meta': 'client' }
  const reply = await ask(gateway.url, { method: 'PUT', path, body, headers })
  expect(reply).toMatchObject({ status: 200, body })
  const got = origin.last().headers
  expect(got).not.toHaveProperty('x-amz-meta')
  expect(got.authorization).toContain(`Signature=${awsSignature(service, body)}`)
})

test('a secret that is no key takes its route out of service, and health says so', async () => {
  const reply = await ask(gateway.url, { path: '/unusable/me' })
  expect(JSON.parse(reply.body)).toMatchObject({ code: 'ROUTE_UNAVAILABLE' })
  const health = await ask(gateway.url, { path: '/_gateway/health' })
  expect(JSON.parse(health.body)).toMatchObject({
    status: 'degraded',
    problems: [{ pointer: '/upstreams/unusable/auth/sign/key', code: 'SECRET_INVALID' }],
  })
  expect(health.body + gateway.output().join('\n')).not.toContain(vars.SHARED_KEY)
})
