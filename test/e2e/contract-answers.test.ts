/** What hostile and odd requests get over the wire, as ROUTES.md says it. */
import { beforeAll, expect, test } from 'vitest'
import { ask, askRaw } from './client.ts'
import { type Gateway, startGateway } from './harness.ts'

const app = 'https://app.example.com'

const routes = {
  version: 1,
  defaults: { policies: [{ use: 'request-id' }, { use: 'cors', origins: [app] }] },
  routes: [
    {
      name: 'page',
      match: { path: '/page', methods: ['GET'] },
      respond: {
        status: 200,
        headers: { 'Content-Type': 'text/html; charset=utf-8' },
        body: '<p title="${query.q}">${query.q}</p>',
      },
    },
  ],
}

let gateway: Gateway

beforeAll(async () => {
  gateway = await startGateway({ routes, vars: { ADMIN_TOKEN: 't0ken' } })
})

test('a value in a page of HTML runs nothing', async () => {
  const { body } = await ask(gateway.url, { path: '/page?q=%22%3E%3Cscript%3E' })
  expect(body).toBe('<p title="&quot;&gt;&lt;script&gt;">&quot;&gt;&lt;script&gt;</p>')
})

test('a preflight for a method that the path does not have is 204 with Allow and no permission', async () => {
  const headers = { origin: app, 'access-control-request-method': 'DELETE' }
  const refused = await ask(gateway.url, { method: 'OPTIONS', path: '/page', headers })
  expect(refused.status).toBe(204)
  expect(refused.headers.allow).toBe('GET, HEAD, OPTIONS')
  expect(Object.keys(refused.headers).filter((name) => name.startsWith('access-'))).toEqual([])
})

test('"*" is a target of OPTIONS alone', async () => {
  const asking = (method: string) =>
    askRaw(gateway.url, `${method} * HTTP/1.1\r\nHost: a.example.com\r\nConnection: close\r\n\r\n`)
  expect(await asking('OPTIONS')).toMatch(/^HTTP\/1\.1 204 [\s\S]*\r\nx-request-id: /i)
  expect(await asking('GET')).toMatch(/^HTTP\/1\.1 400 [\s\S]*TARGET_INVALID/)
})

test('a PUT of a bad table is told every problem of it, and leaves the old one', async () => {
  const table = {
    version: 1,
    upstreams: {
      a: { targets: ['binding://NOBODY'], headers: { 'X-Key': { secret: 'NOBODYS' } } },
    },
    routes: [
      { name: 'a', match: { path: '/a', method: ['GET'] }, upstream: 'a' },
      { name: 'a', match: { path: '/b' }, upstream: 'b' },
    ],
  }
  const put = await ask(gateway.url, {
    method: 'PUT',
    path: '/_gateway/routes',
    headers: { authorization: 'Bearer t0ken', 'content-type': 'application/json' },
    body: JSON.stringify(table),
  })
  expect(put.status).toBe(422)
  const { problems } = JSON.parse(put.body) as { problems: { pointer: string; code: string }[] }
  expect(problems.map(({ pointer, code }) => `${pointer} ${code}`).sort()).toEqual([
    '/routes/0/match/method KEY_UNKNOWN',
    '/routes/1/name ROUTE_NAME_DUPLICATE',
    '/routes/1/upstream UPSTREAM_UNKNOWN',
    '/upstreams/a/headers/X-Key SECRET_MISSING',
    '/upstreams/a/targets/0 SERVICE_MISSING',
  ])
  expect((await ask(gateway.url, { path: '/page' })).status).toBe(200)
})
