/** Tokens of a real OpenID provider at the gateway on bare workerd: discovery, rotation, outage. */
import net from 'node:net'
import { exportJWK, generateKeyPair } from 'jose'
import Provider from 'oidc-provider'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { makeIssuer, type TestIssuer } from '../doubles/issuer.ts'
import { ask } from './client.ts'
import { type Gateway, type Origin, startGateway, startOrigin } from './harness.ts'
import type { OriginHandler } from './origin.ts'

const AUDIENCE = 'https://shop.example.com'
const soon = () => Math.floor(Date.now() / 1000) + 300

let gateway: Gateway
let service: Origin
let provider: Origin
let slowKeys: Origin
let own: TestIssuer
/** Lets the slow set of keys answer. */
let release = () => {}
/** What the provider does with a request; another one after a rotation, and none while it is down. */
let serve: OriginHandler = (_request, response) => void response.writeHead(503).end()

/** A provider with one fresh key under this name. */
async function rotateTo(kid: string): Promise<void> {
  const { privateKey } = await generateKeyPair('RS256', { extractable: true })
  const oidc = new Provider(provider.url, {
    jwks: { keys: [{ ...(await exportJWK(privateKey)), kid, alg: 'RS256', use: 'sig' }] },
    clients: [
      {
        client_id: 'robot',
        client_secret: 'robot-secret',
        grant_types: ['client_credentials'],
        response_types: [],
        redirect_uris: [],
      },
    ],
    scopes: ['read', 'write'],
    features: {
      devInteractions: { enabled: false },
      clientCredentials: { enabled: true },
      resourceIndicators: {
        enabled: true,
        getResourceServerInfo: (_context, resource) => ({
          scope: 'read write',
          audience: resource,
          accessTokenFormat: 'jwt',
          accessTokenTTL: 300,
        }),
      },
    },
  })
  serve = oidc.callback()
}

async function getToken(resource = AUDIENCE): Promise<string> {
  const response = await fetch(`${provider.url}/token`, {
    method: 'POST',
    headers: { authorization: `Basic ${btoa('robot:robot-secret')}` },
    body: new URLSearchParams({ grant_type: 'client_credentials', scope: 'read', resource }),
  })
  const { access_token: token } = (await response.json()) as { access_token?: string }
  if (token === undefined) throw new Error(`no token: ${response.status}`)
  return token
}

const call = (path: string, token: string, headers: Record<string, string> = {}) =>
  ask(gateway.url, { path, headers: { authorization: `Bearer ${token}`, ...headers } })

const keyFetches = () => provider.all.filter(({ url }) => url === '/jwks').length

beforeAll(async () => {
  own = await makeIssuer('ES256', 'own')
  service = await startOrigin()
  provider = await startOrigin((request, response) => serve(request, response))
  const released = new Promise<void>((resolve) => {
    release = resolve
  })
  slowKeys = await startOrigin(async (_request, response) => {
    await released
    response.writeHead(200, { 'Content-Type': 'application/json' })
    response.end(JSON.stringify({ keys: [own.jwk] }))
  })
  await rotateTo('first')
  const upstream = 'service'
  const jwt = { use: 'jwt', issuer: provider.url, audience: AUDIENCE, typ: 'at+jwt' }
  const forward = { sub: 'X-User', scope: 'X-Scope' }
  gateway = await startGateway({
    routes: {
      version: 1,
      upstreams: { service: { targets: [service.url] } },
      routes: [
        { name: 'a', match: { path: '/a/*' }, policies: [{ ...jwt, forward }], upstream },
        {
          name: 'admin',
          match: { path: '/admin/*' },
          policies: [{ ...jwt, audience: 'https://admin.example.com' }],
          upstream,
        },
        {
          name: 'down',
          match: { path: '/down/*' },
          // Port 1 takes no connection.
          policies: [{ use: 'jwt', issuer: 'http://127.0.0.1:1' }],
          upstream,
        },
        {
          name: 'slow',
          match: { path: '/slow/*' },
          policies: [{ use: 'jwt', issuer: 'urn:own', jwksUrl: `${slowKeys.url}/keys` }],
          upstream,
        },
        { name: 'open', match: { path: '/*' }, upstream },
      ],
    },
  })
})

afterAll(async () => {
  await gateway?.stop()
  for (const origin of [service, provider, slowKeys]) await origin?.stop()
})

test('a token of the provider is taken, and its claims go on instead of copies that a client wrote', async () => {
  const forged = { 'X-User': 'root', x_user: 'root', 'X-SCOPE': 'all' }
  const reply = await call('/a/b', await getToken(), forged)
  expect(reply.status).toBe(200)
  expect(service.last().headers).toMatchObject({ 'x-user': 'robot', 'x-scope': 'read' })
  expect(service.last().rawHeaders.filter((name) => /^x[-_]user$/i.test(name))).toHaveLength(1)
})

test('copies of forwarded fields are removed on routes without identity too', async () => {
  await ask(gateway.url, { path: '/open', headers: { 'X-User': 'root', x_user: 'root' } })
  expect(service.last().headers).not.toHaveProperty('x-user')
  expect(service.last().headers).not.toHaveProperty('x_user')
})

test('the provider is asked for its keys once, whoever needs them', async () => {
  const token = await getToken()
  await Promise.all(Array.from({ length: 10 }, () => call('/a/b', token)))
  expect(keyFetches()).toBe(1)
})

test('no token is 401 with a challenge that has no error', async () => {
  const reply = await ask(gateway.url, { path: '/a/b' })
  expect(reply.status).toBe(401)
  expect(JSON.parse(reply.body)).toMatchObject({ code: 'CREDENTIALS_MISSING' })
  expect(reply.headers['www-authenticate']).toMatch(/^Bearer\b/)
  expect(reply.headers['www-authenticate']).not.toContain('error')
})

test('bad tokens of all kinds get the same answer but for its id, and the event says which', async () => {
  const token = await getToken()
  const [head, claims, signature] = token.split('.') as [string, string, string]
  const thief = await makeIssuer('RS256', 'first')
  const bad = {
    'signature-invalid': await thief.sign({ iss: provider.url, aud: AUDIENCE, exp: soon() }),
    'token-malformed': `${head}.${claims}`,
    'algorithm-denied': `${btoa('{"alg":"HS256"}').replaceAll('=', '')}.${claims}.${signature}`,
    'issuer-unknown': await thief.sign({ iss: 'https://evil.example', exp: soon() }),
    'audience-mismatch': await getToken('https://other.example.com'),
  }
  const bodies = new Set<string>()
  for (const [reason, sent] of Object.entries(bad)) {
    const reply = await call('/a/b', sent)
    expect(reply.status).toBe(401)
    expect(reply.headers['www-authenticate']).toContain('error="invalid_token"')
    const { instance } = JSON.parse(reply.body) as { instance: string }
    bodies.add(reply.body.replace(instance, ''))
    const event = await gateway.event(({ request }) => request === instance)
    expect(event.policies).toEqual({ 'jwt-1': `refused:${reason}` })
    expect(JSON.stringify(event)).not.toContain(sent)
  }
  expect(bodies.size).toBe(1)
})

test('a token for one audience opens no route of another, remembered or not', async () => {
  const token = await getToken()
  expect((await call('/a/b', token)).status).toBe(200)
  expect((await call('/admin/b', token)).status).toBe(401)
})

test('a source of keys that cannot be reached is 503 with Retry-After', async () => {
  const reply = await call('/down/b', await own.sign({ iss: 'http://127.0.0.1:1', exp: soon() }))
  expect(reply.status).toBe(503)
  expect(JSON.parse(reply.body)).toMatchObject({ code: 'IDENTITY_UNAVAILABLE' })
  expect(reply.headers['retry-after']).toBe('5')
  expect(reply.headers).not.toHaveProperty('www-authenticate')
})

test('a leader whose client goes away takes no other request with it', async () => {
  const token = await own.sign({ iss: 'urn:own', sub: 'ada', exp: soon() })
  const { hostname, port } = new URL(gateway.url)
  const leader = net.connect(Number(port), hostname)
  leader.write(`GET /slow/1 HTTP/1.1\r\nHost: a\r\nAuthorization: Bearer ${token}\r\n\r\n`)
  await slowKeys.received(1)
  const followers = Promise.all([2, 3, 4].map((index) => call(`/slow/${index}`, token)))
  leader.resetAndDestroy()
  release()
  expect((await followers).map(({ status }) => status)).toEqual([200, 200, 200])
  expect((await call('/slow/5', token)).status).toBe(200)
})

test('after a rotation new tokens are taken at once, and invented keys do not reach the provider', async () => {
  const before = keyFetches()
  await rotateTo('second')
  expect((await call('/a/b', await getToken())).status).toBe(200)
  expect(keyFetches()).toBe(before + 1)
  const thief = await makeIssuer('RS256', 'invented')
  const forged = await thief.sign({ iss: provider.url, aud: AUDIENCE, exp: soon() })
  expect((await call('/a/b', forged)).status).toBe(401)
  expect(keyFetches()).toBe(before + 1)
})

test('while the provider is down its tokens are still taken', async () => {
  const token = await getToken()
  serve = (_request, response) => void response.destroy()
  expect((await call('/a/b', token)).status).toBe(200)
})
