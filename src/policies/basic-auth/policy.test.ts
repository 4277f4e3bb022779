import { expect, test } from 'vitest'
import { makeBindContext, makeExchange } from '../../../test/exchange.ts'
import { makeGateway } from '../../../test/gateway.ts'
import { definition } from './policy.ts'
import { basicAuthSchema } from './schema.ts'

const secrets = { ADA: 'open sesame', BOB: 'pä:ss' }
const users = { ada: { password: { secret: 'ADA' } }, 'bób/1': { password: { secret: 'BOB' } } }

const basic = (pair: string) =>
  `Basic ${btoa(String.fromCharCode(...new TextEncoder().encode(pair)))}`

function authenticate(options: object, headers: Record<string, string>) {
  const policy = definition.bind(
    { use: 'basic-auth', users, ...options },
    makeBindContext({ secrets }),
  )
  if (policy.kind !== 'identify') throw new TypeError('not an identity policy')
  return policy.authenticate(makeExchange({ headers }))
}

test('the right password makes the caller known by name', async () => {
  expect(await authenticate({}, { authorization: basic('ada:open sesame') })).toMatchObject({
    kind: 'verified',
    caller: { authority: 'basic', subject: 'ada', claims: { sub: 'ada' }, consumer: null },
    spent: [{ in: 'header', name: 'authorization' }],
  })
})

test('names and passwords are UTF-8, and the case of the scheme does not count', async () => {
  const authorization = basic('bób/1:pä:ss').replace('Basic', 'bAsIc')
  expect(await authenticate({}, { authorization })).toMatchObject({ kind: 'verified' })
})

test('passOn leaves the field, and forward names the caller', async () => {
  const options = { passOn: true, forward: { sub: 'X-User' } }
  const found = await authenticate(options, { authorization: basic('ada:open sesame') })
  expect(found).toMatchObject({ spent: [], forward: { 'x-user': 'ada' } })
})

test.each([
  ['ada:wrong', 'password-wrong'],
  ['ada:', 'password-wrong'],
  ['eve:open sesame', 'user-unknown'],
  ['constructor:x', 'user-unknown'],
  ['ada', 'credentials-malformed'],
])('%s is refused, and the event says %s', async (pair, reason) => {
  const found = await authenticate({}, { authorization: basic(pair) })
  expect(found).toMatchObject({ kind: 'refused', refusal: { code: 'CREDENTIALS_INVALID' }, reason })
})

test('an unknown name and a wrong password are refused with the same value', async () => {
  const [unknown, wrong] = await Promise.all(
    ['eve:x', 'ada:x'].map((pair) => authenticate({}, { authorization: basic(pair) })),
  )
  if (unknown?.kind !== 'refused' || wrong?.kind !== 'refused') throw new TypeError('not refused')
  expect(unknown.refusal).toEqual(wrong.refusal)
})

test('no credentials and those of another scheme are absent, and two are refused', async () => {
  expect(await authenticate({}, {})).toEqual({ kind: 'absent' })
  expect(await authenticate({}, { authorization: 'Bearer x' })).toEqual({ kind: 'absent' })
  const authorization = `${basic('ada:open sesame')}, ${basic('ada:open sesame')}`
  expect(await authenticate({}, { authorization })).toMatchObject({ reason: 'credentials-twice' })
})

test.each([undefined, ''])('a password that is %j takes the route out', (value) => {
  const context = makeBindContext(value === undefined ? {} : { secrets: { BOB: value } })
  definition.bind({ use: 'basic-auth', users: { 'a/b': { password: { secret: 'BOB' } } } }, context)
  const pointer = '/routes/0/policies/0/users/a~1b/password'
  expect(context.missed).toEqual([[pointer, 'SECRET_MISSING', 'BOB']])
})

test('a gateway challenges who sends nothing and takes the password out of what goes on', async () => {
  const gateway = makeGateway(
    {
      version: 1,
      upstreams: { users: { targets: ['http://users.internal'] } },
      routes: [
        {
          name: 'users',
          match: { path: '/*' },
          policies: [{ use: 'basic-auth', users, realm: 'partners', forward: { sub: 'X-User' } }],
          upstream: 'users',
        },
      ],
    },
    { secrets },
  )
  const missing = await gateway.ask()
  expect(missing.status).toBe(401)
  expect(missing.headers.get('www-authenticate')).toBe('Basic realm="partners", charset="UTF-8"')
  expect(await missing.json()).toMatchObject({ code: 'CREDENTIALS_MISSING' })

  const wrong = await gateway.ask({ headers: { authorization: basic('ada:no') } })
  expect(wrong.headers.get('www-authenticate')).toBe('Basic realm="partners", charset="UTF-8"')
  expect(gateway.events.at(-1)?.policies).toEqual({ 'basic-auth-1': 'refused:password-wrong' })

  const headers = { authorization: basic('ada:open sesame'), 'x-user': 'root', x_user: 'root' }
  expect((await gateway.ask({ headers })).status).toBe(200)
  expect(gateway.calls).toHaveLength(1)
  expect(gateway.calls[0]?.headers).toMatchObject({ 'x-user': 'ada' })
  expect(gateway.calls[0]?.headers).not.toHaveProperty('authorization')
  expect(gateway.calls[0]?.headers).not.toHaveProperty('x_user')
})

test.each([
  [{}],
  [{ users: {} }],
  [{ users: { ada: { password: 'plain' } } }],
  [{ users: { 'a:b': { password: { secret: 'A' } } } }],
  [{ users, realm: 'a"b' }],
  [{ users, forward: { sub: 'Host' } }],
  [{ users, when: { headers: { 'x-skip': { present: false } } } }],
])('%j is refused by the schema', (options) => {
  expect(basicAuthSchema.safeParse({ use: 'basic-auth', ...options }).success).toBe(false)
})
