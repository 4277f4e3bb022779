/** Several `jwt` within an `any-of`: the issuer of the token chooses. */
import { beforeAll, expect, test } from 'vitest'
import { makeIssuer, type TestIssuer } from '../../../test/doubles/issuer.ts'
import { START } from '../../../test/exchange.ts'
import { makeGateway } from '../../../test/gateway.ts'

const exp = START / 1000 + 300
let first: TestIssuer
let second: TestIssuer
beforeAll(async () => {
  first = await makeIssuer('ES256', 'first')
  second = await makeIssuer('ES256', 'second')
})

const active = () => Response.json({ active: true, sub: 'eve', iss: 'urn:opaque' })

function makeAnyOf(...more: object[]) {
  const forward = { sub: 'X-User' }
  const policies = [
    { use: 'jwt', issuer: 'urn:first', jwks: { keys: [first.jwk] }, forward },
    { use: 'jwt', issuer: 'urn:second', jwks: { keys: [second.jwk] }, forward },
    ...more,
  ]
  const table = {
    version: 1,
    consumers: { ada: { issuers: ['urn:first'] } },
    upstreams: { a: { targets: ['http://127.0.0.1:9101'] } },
    routes: [
      { name: 'a', match: { path: '/*' }, policies: [{ use: 'any-of', policies }], upstream: 'a' },
    ],
  }
  return makeGateway(table, {
    secrets: { KEY: 'k' },
    answer: ({ url }) => (url === 'https://id.example.com/check' ? active() : new Response('ok')),
  })
}

test.each(['urn:first', 'urn:second'])(
  'a token of %s is verified by its own policy',
  async (iss) => {
    const gateway = makeAnyOf()
    const issuer = iss === 'urn:first' ? first : second
    const token = await issuer.sign({ iss, sub: 'ada', exp })
    const reply = await gateway.ask({ headers: { authorization: `Bearer ${token}` } })
    expect(reply.status).toBe(200)
    expect(gateway.calls[0]?.headers['x-user']).toBe('ada')
    // The same name of another issuer is another caller.
    expect(gateway.events[0]?.consumer).toBe(iss === 'urn:first' ? 'ada' : null)
  },
)

test.each([
  ['an issuer that nobody trusts', () => first.sign({ iss: 'urn:third', sub: 'ada', exp })],
  ['another issuer than its key', () => first.sign({ iss: 'urn:second', sub: 'ada', exp })],
  ['no form at all', () => Promise.resolve('opaque')],
])('a token of %s is 401', async (_, sign) => {
  const headers = { authorization: `Bearer ${await sign()}` }
  expect((await makeAnyOf().ask({ headers })).status).toBe(401)
})

test('a foreign token in one place is not made good by a token in another', async () => {
  const jwks = { keys: [second.jwk] }
  const gateway = makeAnyOf({ use: 'jwt', issuer: 'urn:second', jwks, from: { cookie: 't' } })
  const foreign = await first.sign({ iss: 'urn:third', sub: 'ada', exp })
  const good = await second.sign({ iss: 'urn:second', sub: 'ada', exp })
  const both = { authorization: `Bearer ${foreign}`, cookie: `t=${good}` }
  expect((await gateway.ask({ headers: both })).status).toBe(401)
  expect((await gateway.ask({ headers: { cookie: `t=${good}` } })).status).toBe(200)
})

test('a token that is no JWT is left to an introspection that reads the same place', async () => {
  const gateway = makeAnyOf({
    use: 'introspection',
    url: 'https://id.example.com/check',
    clientId: 'gateway',
    clientSecret: { secret: 'KEY' },
  })
  const reply = await gateway.ask({ headers: { authorization: 'Bearer opaque-1' } })
  expect(reply.status).toBe(200)
  expect(gateway.calls.map(({ url }) => url)).toContain('https://id.example.com/check')
})
