/** The gateway's own documents under /.well-known/, and the challenges that name them. */
import { exportSPKI, generateKeyPair } from 'jose'
import { beforeAll, expect, test } from 'vitest'
import { makeGateway } from '../../test/gateway.ts'

const path = '/.well-known/oauth-protected-resource'
let publicKey = ''

beforeAll(async () => {
  publicKey = await exportSPKI((await generateKeyPair('ES256', { extractable: true })).publicKey)
})

const jwt = (more: object = {}) => ({
  use: 'jwt',
  issuer: 'https://id.example.com',
  publicKey,
  ...more,
})
const authorize = { use: 'authorize', scopes: { all: ['orders:read', 'orders:write'] } }
const basic = { use: 'basic-auth', users: { ada: { password: { secret: 'ADA' } } } }

function gatewayOf(policies: readonly object[], more: object = {}) {
  const routes = [{ name: 'only', match: { path: '/a/*' }, policies, respond: { status: 204 } }]
  return makeGateway({ version: 1, routes, ...more }, { secrets: { ADA: 'right' } })
}

test('a client learns where to get a token and how to send it', async () => {
  const { ask, events } = gatewayOf([jwt(), authorize])
  const response = await ask({ target: path })
  expect(response.status).toBe(200)
  expect(response.headers.get('content-type')).toBe('application/json')
  expect(response.headers.get('access-control-allow-origin')).toBe('*')
  expect(await response.json()).toEqual({
    resource: 'http://api.example.com',
    authorization_servers: ['https://id.example.com'],
    bearer_methods_supported: ['header'],
    scopes_supported: ['orders:read', 'orders:write'],
  })
  expect(events[0]).toMatchObject({ route: null, path, status: 200 })
})

test('places of the token are named in the words of RFC 6750', async () => {
  const from = [{ cookie: 'token' }, { query: 'access_token' }, { query: 't' }]
  const { ask } = gatewayOf([jwt({ from })])
  expect(await (await ask({ target: path })).json()).toMatchObject({
    bearer_methods_supported: ['query'],
  })
})

test('a token within any-of counts, and one that is off does not', async () => {
  const within = gatewayOf([{ use: 'any-of', policies: [basic, jwt()] }])
  expect((await within.ask({ target: path })).status).toBe(200)
  const off = gatewayOf([jwt({ mode: 'off' })])
  expect((await off.ask({ target: path })).status).toBe(404)
})

test('nothing is served where no policy takes a token', async () => {
  expect((await gatewayOf([basic]).ask({ target: path })).status).toBe(404)
})

test('a route with that exact path answers in its place, and challenges do not name it', async () => {
  const routes = [
    { name: 'own', match: { path }, respond: { status: 200, body: 'own' } },
    { name: 'a', match: { path: '/a' }, policies: [jwt()], respond: { status: 204 } },
  ]
  const { ask } = gatewayOf([], { routes })
  expect(await (await ask({ target: path })).text()).toBe('own')
  expect((await ask({ target: '/a' })).headers.get('www-authenticate')).toBe('Bearer')
})

test('a catch-all route does not hide it, and neither does an identity policy of defaults', async () => {
  const routes = [{ name: 'all', match: { path: '/*' }, respond: { status: 204 } }]
  const { ask } = gatewayOf([], { routes, defaults: { policies: [jwt()] } })
  expect((await ask({ target: path })).status).toBe(200)
  expect((await ask({ target: `${path}/more` })).status).toBe(401)
})

test('the filters of defaults keep it from those who may not come near', async () => {
  const { ask } = gatewayOf([jwt()], {
    defaults: { policies: [{ use: 'ip-filter', allow: ['10.0.0.0/8'] }] },
  })
  expect((await ask({ target: path })).status).toBe(403)
})

test.each([
  ['HEAD', 200],
  ['OPTIONS', 204],
  ['POST', 405],
])('%s is answered with %i', async (method, status) => {
  const response = await gatewayOf([jwt()]).ask({ target: path, method })
  expect(response.status).toBe(status)
  if (status !== 200) expect(response.headers.get('allow')).toBe('GET, HEAD, OPTIONS')
})

const metadata = `resource_metadata="http://api.example.com${path}"`

test('a challenge for a token names the document', async () => {
  const { ask } = gatewayOf([jwt()])
  const missing = await ask({ target: '/a/b' })
  expect(missing.headers.get('www-authenticate')).toBe(`Bearer ${metadata}`)
  const bad = await ask({ target: '/a/b', headers: { authorization: 'Bearer x.y.z' } })
  expect(bad.headers.get('www-authenticate')).toBe(`Bearer ${metadata}, error="invalid_token"`)
})

test('a challenge for another credential does not', async () => {
  const routes = [
    { name: 'a', match: { path: '/a' }, policies: [basic], respond: { status: 204 } },
    { name: 'b', match: { path: '/b' }, policies: [jwt()], respond: { status: 204 } },
    {
      name: 'c',
      match: { path: '/c' },
      policies: [{ use: 'any-of', policies: [basic, jwt()] }],
      respond: { status: 204 },
    },
  ]
  const { ask } = gatewayOf([], { routes })
  const challenge = async (target: string) =>
    (await ask({ target })).headers.get('www-authenticate')
  expect(await challenge('/a')).not.toContain('resource_metadata')
  expect(await challenge('/c')).toMatch(
    /^Basic realm="api", charset="UTF-8", Bearer resource_metadata=/,
  )
})
