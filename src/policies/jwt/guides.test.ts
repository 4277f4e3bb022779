/** The guides: their tables are taken, and their tokens come to what they say. */
import { readFileSync } from 'node:fs'
import { beforeAll, expect, test } from 'vitest'
import { makeIssuer, type TestIssuer } from '../../../test/doubles/issuer.ts'
import { START } from '../../../test/exchange.ts'
import { makeGateway } from '../../../test/gateway.ts'
import { parseDocument } from '../../config/parse.ts'

const keys = {
  auth0: 'https://example.eu.auth0.com/.well-known/jwks.json',
  cognito: 'https://cognito-idp.eu-west-1.amazonaws.com/eu-west-1_aB3dE5fGh/.well-known/jwks.json',
  keycloak: 'https://sso.example.com/realms/shop/protocol/openid-connect/certs',
}
type Guide = keyof typeof keys

let issuer: TestIssuer
beforeAll(async () => {
  issuer = await makeIssuer('RS256')
})

function readGuide(guide: Guide) {
  const url = new URL(`../../../docs/guides/${guide}.md`, import.meta.url)
  const page = readFileSync(url, 'utf8')
  const blocks = (kind: string) =>
    [...page.matchAll(new RegExp(`\`\`\`${kind}\\n([\\s\\S]*?)\`\`\``, 'g'))].map(
      ([, text]) => text!,
    )
  const parsed = parseDocument(blocks('jsonc')[0]!, { comments: true })
  if (parsed.kind === 'invalid') throw new Error(JSON.stringify(parsed.problems))
  const claims = blocks('json').map((text) => JSON.parse(text) as Record<string, unknown>)
  return { table: parsed.document as object, claims }
}

/** Sends the nth token of the guide, made now. */
async function send(guide: Guide, nth: number, method: string, target: string) {
  const { table, claims } = readGuide(guide)
  const gateway = makeGateway(table, {
    answer: ({ url }) =>
      url === keys[guide] ? Response.json({ keys: [issuer.jwk] }) : new Response('ok'),
  })
  const now = START / 1000
  const token = await issuer.sign({ ...claims[nth], iat: now, exp: now + 300 })
  const headers = { authorization: `Bearer ${token}`, 'x-user': 'forged', 'x-username': 'forged' }
  const response = await gateway.ask({ method, target, headers })
  const service = gateway.calls.find(({ url }) => url !== keys[guide])
  const [event] = gateway.events
  return { status: response.status, headers: service?.headers, outcome: event?.policies['jwt-1'] }
}

test.each([
  ['auth0', 0, 'GET', '/orders/1', 200],
  ['auth0', 0, 'POST', '/orders/1', 403],
  ['auth0', 0, 'GET', '/support/1', 200],
  ['auth0', 1, 'POST', '/orders/1', 200],
  ['auth0', 1, 'GET', '/support/1', 403],
  ['cognito', 0, 'GET', '/orders/1', 200],
  ['cognito', 0, 'GET', '/support/1', 200],
  ['cognito', 1, 'GET', '/orders/1', 200],
  ['cognito', 1, 'GET', '/support/1', 403],
  ['keycloak', 0, 'GET', '/orders/1', 200],
  ['keycloak', 0, 'GET', '/support/1', 200],
  ['keycloak', 1, 'GET', '/orders/1', 200],
  ['keycloak', 1, 'GET', '/support/1', 403],
] as const)('%s: token %i, %s %s is %i', async (guide, nth, method, target, status) => {
  expect((await send(guide, nth, method, target)).status).toBe(status)
})

test.each([
  ['auth0', 'audience-mismatch'],
  ['cognito', 'claim-mismatch'],
  ['keycloak', 'audience-mismatch'],
] as const)('%s: an ID token is refused as %s', async (guide, reason) => {
  expect(await send(guide, 2, 'GET', '/orders/1')).toMatchObject({
    status: 401,
    outcome: `refused:${reason}`,
  })
})

test.each([
  [
    'auth0',
    { 'x-user': 'auth0|65a1b2c3d4e5f60718293a4b', 'x-client': 'kq3ZbL1yXw0aVnT5RmC8sUj2HdGe7FoP' },
  ],
  ['cognito', { 'x-user': 'f2d5a4e4-90b1-7033-9a1e-5b3c2d1e0f9a', 'x-username': 'ada' }],
  ['keycloak', { 'x-user': '8f14e45f-ceea-467f-9a5d-2c5e1b7d3a90', 'x-username': 'ada' }],
] as const)('%s: the service learns who calls', async (guide, fields) => {
  expect((await send(guide, 0, 'GET', '/orders/1')).headers).toMatchObject(fields)
})
