/** Who is calling, where others say so: an OpenID provider, a forward-auth service and signatures of Node's own. */
import { createHash, createHmac, generateKeyPairSync, sign } from 'node:crypto'
import Provider from 'oidc-provider'
import { beforeAll, expect, test } from 'vitest'
import { ask } from './client.ts'
import { type Gateway, type Origin, startGateway, startOrigin } from './harness.ts'

const vars = {
  INTROSPECTION_SECRET: 'p@ss: word',
  ACME_KEY: 'a secret that both sides know, of 32 bytes',
  ACME_PASSWORD: 'open sesame',
}
const pair = generateKeyPairSync('ed25519')

let gateway: Gateway
let service: Origin
let provider: Origin
let guard: Origin

const basic = (user: string, password: string) =>
  `Basic ${Buffer.from(`${user}:${password}`).toString('base64')}`

/** A real OpenID provider on loopback, with introspection and revocation of opaque tokens. */
async function startProvider(): Promise<Origin> {
  let answer: ReturnType<Provider['callback']> | null = null
  const server = await startOrigin((request, response) => void answer?.(request, response))
  const client = { grant_types: ['client_credentials'], redirect_uris: [], response_types: [] }
  const oidc = new Provider(server.url, {
    clients: [
      {
        client_id: 'gateway',
        client_secret: vars.INTROSPECTION_SECRET,
        grant_types: [],
        redirect_uris: [],
        response_types: [],
      },
      { ...client, client_id: 'robot', client_secret: 'robot-secret' },
    ],
    scopes: ['orders:read', 'orders:write'],
    features: {
      clientCredentials: { enabled: true },
      introspection: { enabled: true, allowedPolicy: () => true },
      revocation: { enabled: true, allowedPolicy: () => true },
      devInteractions: { enabled: false },
    },
  })
  oidc.on('server_error', (_context, error) => console.error(error))
  answer = oidc.callback()
  return server
}

function post(path: string, form: Record<string, string>): Promise<Response> {
  const headers = { authorization: basic('robot', 'robot-secret') }
  return fetch(provider.url + path, { method: 'POST', headers, body: new URLSearchParams(form) })
}

async function getToken(): Promise<string> {
  const response = await post('/token', {
    grant_type: 'client_credentials',
    scope: 'orders:read',
  })
  const { access_token: token } = (await response.json()) as { access_token?: string }
  if (token === undefined) throw new Error(`no token: ${response.status}`)
  return token
}

const introspections = () => provider.all.filter(({ url }) => url === '/token/introspection').length

/** A forward-auth service: sessions by cookie, a sign-in page for the rest. */
function startGuard(): Promise<Origin> {
  return startOrigin((request, response) => {
    const session = /session=(\w+)/.exec(request.headers.cookie ?? '')?.[1]
    if (session === 'broken') return void response.writeHead(500).end()
    if (session === undefined) {
      response.writeHead(302, [
        ['Location', 'https://id.example.com/sign-in'],
        ['Set-Cookie', 'a=1'],
        ['Set-Cookie', 'b=2'],
      ] as unknown as string[])
      return void response.end('sign in')
    }
    if (request.headers['x-forwarded-uri']?.toString().startsWith('/office/admin')) {
      response.writeHead(403, { 'Content-Type': 'text/plain' })
      return void response.end('not for you')
    }
    response.writeHead(200, { 'X-User': session, 'X-Roles': 'clerk' }).end()
  })
}

beforeAll(async () => {
  service = await startOrigin()
  provider = await startProvider()
  guard = await startGuard()
  const introspection = {
    use: 'introspection',
    url: `${provider.url}/token/introspection`,
    clientId: 'gateway',
    clientSecret: { secret: 'INTROSPECTION_SECRET' },
    consumerClaim: 'client_id',
    forward: { client_id: 'X-Client' },
  }
  const externalAuth = {
    use: 'external-auth',
    url: `${guard.url}/check`,
    subjectHeader: 'X-User',
    responseHeaders: ['X-User', 'X-Roles'],
  }
  const keys = {
    acme: { algorithm: 'hmac-sha256', secret: { secret: 'ACME_KEY' } },
    globex: {
      algorithm: 'ed25519',
      publicKey: pair.publicKey.export({ type: 'spki', format: 'pem' }).toString(),
    },
  }
  const route = (name: string, policy: object) => ({
    name,
    match: { path: `/${name}/*` },
    policies: [policy],
    upstream: 'service',
  })
  const routes = [
    route('fresh', { ...introspection, cacheSeconds: 0 }),
    route('kept', { ...introspection, cacheSeconds: 600 }),
    route('writers', { ...introspection, scopes: ['orders:write'] }),
    route('office', externalAuth),
    route('cached', {
      ...externalAuth,
      cacheKey: ['${cookie.session}', '${request.path}'],
      cacheSeconds: 600,
    }),
    route('signed', { use: 'hmac', keys }),
    route('shadowed', { use: 'hmac', keys, mode: 'shadow', bodyLimitBytes: 1000 }),
    route('basic', {
      use: 'basic-auth',
      users: { acme: { password: { secret: 'ACME_PASSWORD' } } },
    }),
    route('machines', { use: 'mtls' }),
  ]
  const upstreams = { service: { targets: [service.url] } }
  gateway = await startGateway({ routes: { version: 1, upstreams, routes }, vars })
})

const call = (path: string, token: string) =>
  ask(gateway.url, { path, headers: { authorization: `Bearer ${token}` } })

test('an opaque token of a real provider passes until it is revoked', async () => {
  const token = await getToken()
  const known = await call('/fresh/1', token)
  expect(known.status).toBe(200)
  expect(service.last().headers).toMatchObject({
    'x-client': 'robot',
    authorization: `Bearer ${token}`,
  })
  await post('/token/revocation', { token })
  const revoked = await call('/fresh/1', token)
  expect(revoked.status).toBe(401)
  expect(revoked.headers['www-authenticate']).toMatch(/^Bearer .*error="invalid_token"/)
  const event = await gateway.event(({ request }) => request === JSON.parse(revoked.body).instance)
  expect(Object.values(event.policies)).toEqual(['refused:token-inactive'])
})

test('an answer that is kept is not asked for again, be its token revoked', async () => {
  const token = await getToken()
  expect((await call('/kept/1', token)).status).toBe(200)
  const before = introspections()
  await post('/token/revocation', { token })
  expect((await call('/kept/2', token)).status).toBe(200)
  expect(introspections()).toBe(before)
})

test('a token that the provider never gave is 401, and one without the scope 403', async () => {
  expect((await call('/fresh/1', 'made-up')).status).toBe(401)
  const short = await call('/writers/1', await getToken())
  expect(short.status).toBe(403)
  expect(short.headers['www-authenticate']).toContain('scope="orders:write"')
})

test('a session passes with what the service says of it, and never with what the client says', async () => {
  const headers = { Cookie: 'session=ada', 'X-User': 'root', X_Roles: 'admin' }
  expect((await ask(gateway.url, { path: '/office/1?a=1', headers })).status).toBe(200)
  expect(service.last().headers).toMatchObject({ 'x-user': 'ada', 'x-roles': 'clerk' })
  expect(
    service.last().rawHeaders.filter((name) => /^x[-_](user|roles)$/i.test(name)),
  ).toHaveLength(2)
  expect(guard.last().headers).toMatchObject({
    'x-forwarded-method': 'GET',
    'x-forwarded-uri': '/office/1?a=1',
    'x-forwarded-proto': 'http',
  })
})

test('a client without session gets the answer of the service itself', async () => {
  const reply = await ask(gateway.url, { path: '/office/1' })
  expect([reply.status, reply.body]).toEqual([302, 'sign in'])
  expect(reply.headers.location).toBe('https://id.example.com/sign-in')
  expect(reply.headers['set-cookie']).toEqual(['a=1', 'b=2'])
  const denied = await ask(gateway.url, {
    path: '/office/admin',
    headers: { Cookie: 'session=ada' },
  })
  expect([denied.status, denied.body]).toEqual([403, 'not for you'])
})

test('a service that fails makes it 503, and one that decided is asked once for its key', async () => {
  const broken = await ask(gateway.url, {
    path: '/office/1',
    headers: { Cookie: 'session=broken' },
  })
  expect([broken.status, JSON.parse(broken.body).code]).toEqual([503, 'IDENTITY_UNAVAILABLE'])
  const headers = { Cookie: 'session=eve' }
  const before = guard.count()
  for (let times = 0; times < 3; times++) {
    expect((await ask(gateway.url, { path: '/cached/1', headers })).status).toBe(200)
    expect(service.last().headers).toMatchObject({ 'x-user': 'eve' })
  }
  expect(guard.count()).toBe(before + 1)
})

const HOST = 'api.example.com'

/** Signs with Node's own cryptography, by hand. */
function signed(
  keyId: 'acme' | 'globex',
  { method, path, body, nonce }: { method: string; path: string; body?: string; nonce?: string },
) {
  const lines: [string, string][] = [
    ['@method', method],
    ['@target-uri', `http://${HOST}${path}`],
  ]
  const headers: Record<string, string> = { Host: HOST }
  if (body !== undefined) {
    const digest = `sha-256=:${createHash('sha256').update(body).digest('base64')}:`
    headers['Content-Digest'] = digest
    lines.push(['content-digest', digest])
  }
  const created = Math.floor(Date.now() / 1000)
  const list = lines.map(([name]) => `"${name}"`).join(' ')
  const more = nonce === undefined ? '' : `;nonce="${nonce}"`
  const params = `(${list});created=${created};keyid="${keyId}"${more}`
  const base = [...lines, ['@signature-params', params]]
    .map(([name, value]) => `"${name}": ${value}`)
    .join('\n')
  const bytes =
    keyId === 'acme'
      ? createHmac('sha256', vars.ACME_KEY).update(base).digest()
      : sign(null, Buffer.from(base), pair.privateKey)
  headers['Signature-Input'] = `sig=${params}`
  headers.Signature = `sig=:${bytes.toString('base64')}:`
  return headers
}

test.each(['acme', 'globex'] as const)(
  'a request that %s signed passes with its body',
  async (key) => {
    const parts = { method: 'POST', path: '/signed/a%2Fb?x=%7e', body: '{"amount":"1 €"}' }
    const reply = await ask(gateway.url, { ...parts, headers: signed(key, parts) })
    expect(reply.status).toBe(200)
    expect(JSON.parse(reply.body)).toMatchObject({ body: parts.body })
    expect(service.last().headers).not.toHaveProperty('signature')
  },
)

test('a changed body, path or method is refused, and so is a nonce that comes again', async () => {
  const parts = { method: 'POST', path: '/signed/1', body: '{"amount":1}' }
  const headers = signed('acme', { ...parts, nonce: 'once' })
  const tries = [
    { ...parts, body: '{"amount":9}' },
    { ...parts, path: '/signed/2' },
    { ...parts, method: 'PUT' },
  ]
  for (const changed of tries) {
    expect((await ask(gateway.url, { ...changed, headers })).status).toBe(401)
  }
  expect((await ask(gateway.url, { ...parts, headers })).status).toBe(200)
  expect((await ask(gateway.url, { ...parts, headers })).status).toBe(401)
})

test.each(['acme', 'globex'] as const)(
  'a signature of %s of no sensible length is 401',
  async (key) => {
    const parts = { method: 'GET', path: '/signed/1' }
    for (const signature of ['', 'AAAA', 'A'.repeat(4000)]) {
      const headers = { ...signed(key, parts), Signature: `sig=:${signature}:` }
      expect((await ask(gateway.url, { ...parts, headers })).status).toBe(401)
    }
  },
)

test('in shadow mode a body past the limit goes on whole', async () => {
  const body = 'x'.repeat(200_000)
  const parts = { method: 'POST', path: '/shadowed/1', body }
  // Without a length, so that the gateway learns of it only as it reads.
  const headers = { ...signed('acme', parts), 'Transfer-Encoding': 'chunked' }
  const reply = await ask(gateway.url, { ...parts, headers })
  expect(reply.status).toBe(200)
  expect(JSON.parse(reply.body).body).toBe(body)
})

test('a password passes and stays behind; a wrong one and an unknown name look the same', async () => {
  const login = (authorization: string) =>
    ask(gateway.url, { path: '/basic/1', headers: { authorization } })
  expect((await login(basic('acme', vars.ACME_PASSWORD))).status).toBe(200)
  expect(service.last().headers).not.toHaveProperty('authorization')
  const [wrong, unknown] = await Promise.all([
    login(basic('acme', 'no')),
    login(basic('eve', vars.ACME_PASSWORD)),
  ])
  const bodyOf = ({ body }: { body: string }) => ({ ...JSON.parse(body), instance: null })
  expect(bodyOf(wrong)).toEqual(bodyOf(unknown))
  expect(wrong.headers['www-authenticate']).toBe('Basic realm="api", charset="UTF-8"')
})

test('on one machine there is no client certificate, whatever a header says', async () => {
  const headers = { 'Client-Cert': ':AAAA:', 'CF-Client-Cert-Verified': 'SUCCESS' }
  expect((await ask(gateway.url, { path: '/machines/1', headers })).status).toBe(401)
})

test('while the provider is down unknown tokens are 503, and those that are kept pass', async () => {
  const token = await getToken()
  expect((await call('/kept/1', token)).status).toBe(200)
  await provider.stop()
  expect((await call('/kept/1', token)).status).toBe(200)
  const down = await call('/kept/1', 'another')
  expect([down.status, down.headers['retry-after']]).toEqual([503, '5'])
  const output = gateway.output().join('\n')
  for (const secret of [token, vars.ACME_PASSWORD, vars.INTROSPECTION_SECRET]) {
    expect(output).not.toContain(secret)
  }
})
