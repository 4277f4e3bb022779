import { execFile } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { main } from './main.ts'

let folder = ''
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'isogate-cli-'))
})
afterAll(() => {
  rmSync(folder, { recursive: true })
})

function file(name: string, text: string): string {
  const path = join(folder, name)
  writeFileSync(path, text)
  return path
}

async function run(...args: readonly string[]) {
  let out = ''
  let error = ''
  const code = await main(args, {
    stdout: { write: (text: string) => (out += text) },
    stderr: { write: (text: string) => (error += text) },
  })
  return { code, out, error }
}

const sound = `{
  "version": 1, // people write comments
  "paths": { "emptySegments": "reject", "encodedSlash": "reject", "semicolon": "reject" },
  "defaults": { "policies": [{ "use": "request-id" }] },
  "upstreams": { "users": { "targets": [{ "var": "USERS_URL" }], "headers": { "x-key": { "secret": "USERS_KEY" } } } },
  "routes": [
    { "name": "me", "match": { "path": "/users/me" }, "upstream": "users" },
    { "name": "users", "match": { "path": "/users/:id", "methods": ["GET"] },
      "policies": [{ "use": "request-headers", "set": { "x-a": "1" }, "when": { "headers": { "x-beta": "1" } } }],
      "upstream": "users" },
    { "name": "orders", "match": { "path": "/orders", "body": { "/kind": "gift" } }, "respond": { "status": 204 } },
  ],
}`
const given = ['--var', 'USERS_URL=http://127.0.0.1:9101', '--var', 'USERS_KEY=canary']

test('validate of a sound table succeeds', async () => {
  const { code, out } = await run('validate', file('sound.json', sound), ...given)
  expect(code).toBe(0)
  expect(out).not.toContain('canary')
})

test('validate tells every problem at its line and column and fails', async () => {
  const path = file('bad.json', '{ "version": 1,\n  "routs": [],\n  "routes": [{ "name": 1 }] }')
  const { code, out } = await run('validate', path)
  expect(code).toBe(1)
  expect(out).toContain(`${path}:2:3: /routs: `)
  expect(out).toContain(`${path}:3:16: /routes/0/name: `)
  expect(out).toContain(`${path}:3:14: /routes/0/match: `)
})

test('validate of a broken document tells where it broke', async () => {
  const path = file('broken.json', '{ "version": 1,\n  oops }')
  const { code, out } = await run('validate', path)
  expect(code).toBe(1)
  expect(out).toContain(`${path}:2:3: `)
})

test('validate fails on what the Worker lacks, and names it', async () => {
  const { code, out } = await run('validate', file('sound.json', sound))
  expect(code).toBe(1)
  expect(out).toContain('VARIABLE_MISSING')
  expect(out).toContain('SECRET_MISSING')
})

test('validate takes service bindings from the command line', async () => {
  const path = file(
    'service.json',
    '{ "version": 1, "routes": [{ "name": "a", "match": {}, "upstream": { "targets": ["binding://USERS"] } }] }',
  )
  expect((await run('validate', path)).code).toBe(1)
  expect((await run('validate', path, '--service', 'USERS')).code).toBe(0)
})

test('warnings alone are no failure', async () => {
  const path = file(
    'warning.json',
    '{ "version": 1, "routes": [{ "name": "a", "match": {}, "respond": { "status": 200 } }, { "name": "b", "match": {}, "respond": { "status": 200 } }] }',
  )
  const { code, out } = await run('validate', path)
  expect(code).toBe(0)
  expect(out).toContain('ROUTE_DUPLICATE')
})

test('routes prints each route with its place, its policies and its answer', async () => {
  const { code, out } = await run('routes', file('sound.json', sound), ...given)
  expect(code).toBe(0)
  expect(out).toMatch(/^\* +GET +\/users\/:id +users +open +upstream users$/m)
  expect(out).toContain('request-id (defaults), request-headers')
})

test('routes marks what anyone may call', async () => {
  const guard = '{ "use": "basic-auth", "users": { "ada": { "password": { "secret": "ADA" } } } }'
  const route = (name: string, policies: string) =>
    `{ "name": "${name}", "match": { "path": "/${name}" }, "policies": [${policies}], "respond": { "status": 200 } }`
  const table = `{ "version": 1, "routes": [${route('a', guard)}, ${route('b', '')}] }`
  const { out } = await run('routes', file('marks.json', table), '--var', 'ADA=x')
  expect(out).toMatch(/\/a +a +known +respond 200/)
  expect(out).toMatch(/\/b +b +open +respond 200/)
})

test('routes marks what is unavailable here', async () => {
  const { code, out } = await run('routes', file('sound.json', sound))
  expect(code).toBe(0)
  expect(out).toContain('USERS_KEY')
})

test('explain names the route that wins, its policies, and why others lost', async () => {
  const path = file('sound.json', sound)
  const { code, out } = await run('explain', path, 'GET', 'https://a.example.com/users/7', ...given)
  expect(code).toBe(0)
  expect(out).toContain('route users answers')
  expect(out).toContain('id=7')
  expect(out).toMatch(/left out +shape: request-headers/)
  expect(out).toMatch(/me \(\/users\/me\) by path/)
})

test('explain evaluates `when` on the header fields that are given', async () => {
  const path = file('sound.json', sound)
  const args = [
    'explain',
    path,
    'GET',
    'https://a.example.com/users/7',
    '-H',
    'x-beta: 1',
    ...given,
  ]
  expect((await run(...args)).out).toMatch(/runs +shape: request-headers/)
})

test('explain and routes tell the calls of an aggregate, and what each waits for', async () => {
  const table = {
    version: 1,
    upstreams: {
      users: { targets: ['http://127.0.0.1:9101'] },
      catalog: { targets: ['http://127.0.0.1:9102'] },
    },
    routes: [
      {
        name: 'cart',
        match: { path: '/cart/:id' },
        aggregate: {
          calls: {
            cart: { upstream: 'users', path: '/carts/${params.id}', required: true },
            product: {
              upstream: 'catalog',
              path: '/products/${item}',
              forEach: 'cart.body.ids',
              maxItems: 10,
            },
          },
        },
      },
    ],
  }
  const path = file('aggregate.json', JSON.stringify(table))
  const { out } = await run('explain', path, 'GET', 'https://a.example.com/cart/7')
  expect(out).toContain('answer  aggregate cart:users product:catalog\n')
  expect(out).toContain('call    cart GET /carts/${params.id} of users, required\n')
  expect(out).toContain('call    product GET /products/${item} of catalog, for each, after cart\n')
  expect((await run('routes', path)).out).toContain('aggregate cart:users product:catalog')
})

test('explain reads a body as the live path does', async () => {
  const path = file('sound.json', sound)
  const body = file('body.json', '{ "kind": "gift" }')
  const args = ['explain', path, 'POST', 'https://a.example.com/orders', '--body', body, ...given]
  expect((await run(...args)).code).toBe(1)
  const { code, out } = await run(...args, '-H', 'content-type: application/json')
  expect(code).toBe(0)
  expect(out).toContain('route orders answers')
})

test('explain takes a Host field before the host of the URL', async () => {
  const path = file(
    'hosts.json',
    '{ "version": 1, "routes": [{ "name": "a", "match": { "hosts": ["a.example.com"] }, "respond": { "status": 200 } }] }',
  )
  const args = ['explain', path, 'GET', 'http://127.0.0.1:8787/x']
  expect((await run(...args)).code).toBe(1)
  expect((await run(...args, '-H', 'Host: a.example.com')).code).toBe(0)
})

test.each([
  ['DELETE', 'https://a.example.com/users/7', '405'],
  ['GET', 'https://a.example.com/nothing', '404'],
  ['GET', 'https://a.example.com//users', 'TARGET_INVALID'],
  ['GET', 'https://a^b/', 'HOST_INVALID'],
])('explain of %s %s says %s', async (method, url, said) => {
  const { code, out } = await run('explain', file('sound.json', sound), method, url, ...given)
  expect(code).toBe(1)
  expect(out).toContain(said)
})

test.each([
  [[]],
  [['valdate', 'routes.json']],
  [['validate']],
  [['validate', 'a.json', 'b.json']],
  [['validate', '--nope', 'a.json']],
  [['validate', '/nowhere/routes.json']],
  [['validate', 'a.json', '--var', 'NAME']],
  [['explain', 'a.json', 'GET']],
])('the command line %j is answered with the usage', async (args) => {
  const { code, error } = await run(...args)
  expect(code).toBe(2)
  expect(error).toContain('isogate validate FILE')
})

test('the usage is printed when it is asked for', async () => {
  const { code, out } = await run('--help')
  expect(code).toBe(0)
  expect(out).toContain('--var NAME=VALUE')
})

test('the command itself starts, prints and exits with its code', async () => {
  const path = file('bad.json', '{ "version": 1 }')
  const bin = join(import.meta.dirname, 'isogate.mjs')
  const ended = await new Promise<{ code: unknown; out: string }>((resolve) => {
    execFile(process.execPath, [bin, 'validate', path], (error, out) => {
      resolve({ code: error?.code ?? 0, out })
    })
  })
  expect(ended.code).toBe(1)
  expect(ended.out).toContain('/routes')
})
