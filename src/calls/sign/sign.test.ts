import { createLocalJWKSet, exportPKCS8, generateKeyPair, type JWK, jwtVerify } from 'jose'
import { expect, test } from 'vitest'
import { START } from '../../../test/exchange.ts'
import { type Given, makeGateway } from '../../../test/gateway.ts'

async function makePem(alg = 'ES256'): Promise<string> {
  const { privateKey } = await generateKeyPair(alg, { extractable: true })
  return exportPKCS8(privateKey)
}

const tokens = { issuer: 'https://api.example.com', audience: 'users' }

function tableOf(auth: object, routes: readonly object[] = []) {
  return {
    version: 1,
    upstreams: { users: { targets: ['https://users.example.com'], auth } },
    routes: [{ name: 'users', match: { path: '/users/*' }, upstream: 'users' }, ...routes],
  }
}

async function keysOf(table: object, given: Given): Promise<readonly JWK[]> {
  const response = await makeGateway(table, given).ask({ target: '/.well-known/jwks.json' })
  expect(response.status).toBe(200)
  return ((await response.json()) as { readonly keys: readonly JWK[] }).keys
}

const signatureOf = (algorithm: string) => ({
  signature: { key: { secret: 'KEY' }, algorithm, keyId: 'gateway' },
})

test.each([
  ['sign', { sign: tokens }, '/auth/sign/key', 'SIGNING_KEY'],
  ['signature', signatureOf('ed25519'), '/auth/signature/key', 'KEY'],
  ['signature with a text', signatureOf('hmac-sha256'), '/auth/signature/key', 'KEY'],
  [
    'clientCredentials',
    {
      clientCredentials: {
        tokenUrl: 'https://id.example.com/token',
        clientId: 'gateway',
        clientSecret: { secret: 'CLIENT' },
      },
    },
    '/auth/clientCredentials/clientSecret',
    'CLIENT',
  ],
  [
    'awsSigV4',
    {
      awsSigV4: {
        region: 'us-east-1',
        service: 's3',
        accessKeyId: 'AKIDEXAMPLE',
        secretAccessKey: { secret: 'AWS' },
      },
    },
    '/auth/awsSigV4/secretAccessKey',
    'AWS',
  ],
])('without its secret a route with %s is out of service', async (_kind, auth, at, name) => {
  const gateway = makeGateway(tableOf(auth))
  expect(gateway.plan.missing).toEqual([
    { pointer: `/upstreams/users${at}`, code: 'SECRET_MISSING', name },
  ])
  const response = await gateway.ask({ target: '/users/1' })
  expect(await response.json()).toMatchObject({ code: 'ROUTE_UNAVAILABLE' })
  expect(gateway.calls).toEqual([])
})

test.each([
  ['a word', { sign: tokens }, async () => 's3cret'],
  ['an RSA key', { sign: tokens }, () => makePem('RS256')],
  ['a key of another algorithm', signatureOf('ed25519'), () => makePem('ES256')],
  ['nothing', signatureOf('hmac-sha256'), async () => ''],
])('%s where a key is needed takes the route out of service', async (_what, auth, make) => {
  const secret = await make()
  const gateway = makeGateway(tableOf(auth), { secrets: { SIGNING_KEY: secret, KEY: secret } })
  expect(gateway.plan.missing).toMatchObject([{ code: 'SECRET_INVALID' }])
  const response = await gateway.ask({ target: '/users/1' })
  expect(response.status).toBe(500)
  expect(gateway.calls).toEqual([])
})

test('a next key that is none is found before it is needed', async () => {
  const secrets = { SIGNING_KEY: await makePem(), SIGNING_KEY_NEXT: 'none' }
  expect(makeGateway(tableOf({ sign: tokens }), { secrets }).plan.missing).toEqual([
    {
      pointer: '/upstreams/users/auth/sign/nextKey',
      code: 'SECRET_INVALID',
      name: 'SIGNING_KEY_NEXT',
      form: 'that is a private key in PKCS #8 or a JWK',
    },
  ])
})

test('all keys that sign and those that are to are published, each once', async () => {
  const [a, b, c] = [await makePem(), await makePem('EdDSA'), await makePem()]
  const table = {
    version: 1,
    upstreams: {
      users: { targets: ['https://a.example.com'], auth: { sign: tokens } },
      orders: {
        targets: ['https://b.example.com'],
        auth: { sign: { ...tokens, key: { secret: 'SIGNING_KEY' }, nextKey: { secret: 'C' } } },
      },
    },
    routes: [{ name: 'users', match: { path: '/users' }, upstream: 'users' }],
  }
  const keys = await keysOf(table, { secrets: { SIGNING_KEY: a, SIGNING_KEY_NEXT: b, C: c } })
  expect(keys.map(({ alg }) => alg).sort()).toEqual(['ES256', 'ES256', 'EdDSA'])
  expect(keys.flatMap((key) => Object.keys(key))).not.toContain('d')
})

test('keys of an upstream written in its route are published as well', async () => {
  const table = {
    version: 1,
    routes: [
      {
        name: 'users',
        match: { path: '/users' },
        upstream: { targets: ['https://a.example.com'], auth: { sign: tokens } },
      },
    ],
  }
  expect(await keysOf(table, { secrets: { SIGNING_KEY: await makePem() } })).toHaveLength(1)
})

test('a key that is missing is left out of the published ones', async () => {
  expect(await keysOf(tableOf({ sign: tokens }), {})).toEqual([])
})

test('without a token to sign, or with a route there, no keys are published', async () => {
  const target = '/.well-known/jwks.json'
  const plain = makeGateway({
    ...tableOf({}),
    upstreams: { users: { targets: ['https://a.example.com'] } },
  })
  expect((await plain.ask({ target })).status).toBe(404)
  const own = { name: 'own', match: { path: target }, respond: { status: 200, body: 'mine' } }
  const taken = makeGateway(tableOf({ sign: tokens }, [own]))
  expect(await (await taken.ask({ target })).text()).toBe('mine')
})

test('a client cannot write the field of the token, in either spelling', async () => {
  const auth = { sign: { ...tokens, header: 'X-Gateway-Token' } }
  const plain = {
    name: 'plain',
    match: { path: '/plain' },
    upstream: { targets: ['https://b.example.com'] },
  }
  const gateway = makeGateway(
    { ...tableOf(auth, [plain]), underscores: true },
    { secrets: { SIGNING_KEY: await makePem() } },
  )
  const headers = { 'X-Gateway-Token': 'forged', x_gateway_token: 'forged' }
  await gateway.ask({ target: '/users/1', headers })
  await gateway.ask({ target: '/plain', headers })
  const [signed, plainCall] = gateway.calls
  expect(signed?.headers['x-gateway-token']?.split('.')).toHaveLength(3)
  expect(signed?.headers).not.toHaveProperty('x_gateway_token')
  expect(JSON.stringify(plainCall?.headers)).not.toContain('forged')
})

test('fields of AWS come from the table and not from the client', async () => {
  const auth = {
    awsSigV4: {
      region: 'us-east-1',
      service: 'dynamodb',
      accessKeyId: { secret: 'ID' },
      secretAccessKey: { secret: 'AWS' },
    },
  }
  const users = {
    targets: ['https://dynamodb.us-east-1.amazonaws.com'],
    headers: { 'X-Amz-Target': 'DynamoDB_20120810.GetItem' },
    auth,
  }
  const gateway = makeGateway(
    { ...tableOf(auth), upstreams: { users } },
    { secrets: { ID: 'AKIDEXAMPLE', AWS: 'secret' } },
  )
  const headers = {
    'Content-Type': 'application/x-amz-json-1.0',
    'X-Amz-Target': 'DynamoDB_20120810.GetItem',
    'X-Amz-Meta': 'x',
  }
  await gateway.ask({ target: '/users/1', method: 'POST', body: '{}', headers })
  expect(gateway.calls[0]?.headers).toMatchObject({ 'x-amz-target': 'DynamoDB_20120810.GetItem' })
  expect(gateway.calls[0]?.headers).not.toHaveProperty('x-amz-meta')
  expect(gateway.calls[0]?.headers.authorization).toContain(
    'SignedHeaders=content-type;host;x-amz-date;x-amz-target,',
  )
})

test('an audience that is a missing variable takes the route out of service', async () => {
  const gateway = makeGateway(tableOf({ sign: { ...tokens, audience: { var: 'AUDIENCE' } } }))
  expect(gateway.plan.missing).toMatchObject([{ code: 'VARIABLE_MISSING', name: 'AUDIENCE' }])
  expect((await gateway.ask({ target: '/users/1' })).status).toBe(500)
  expect(gateway.calls).toEqual([])
})

test('through every step of a rotation, tokens verify with the key sets of before and after', async () => {
  const secrets = { OLD: await makePem(), NEW: await makePem('EdDSA') }
  const [old, next] = [{ secret: 'OLD' }, { secret: 'NEW' }]
  const steps = [
    { key: old },
    { key: old, nextKey: next },
    { key: next, nextKey: old },
    { key: next },
  ].map((keys) => tableOf({ sign: { ...tokens, ...keys } }))
  const sets = await Promise.all(steps.map((table) => keysOf(table, { secrets })))
  for (const [index, table] of steps.entries()) {
    const gateway = makeGateway(table, { secrets })
    await gateway.ask({ target: '/users/1' })
    const token = gateway.calls[0]?.headers.authorization?.slice('Bearer '.length) ?? ''
    for (const keys of sets.slice(Math.max(index - 1, 0), index + 2)) {
      const set = createLocalJWKSet({ keys: [...keys] })
      const verified = await jwtVerify(token, set, { currentDate: new Date(START) })
      expect(verified.payload.aud).toBe('users')
    }
  }
})
