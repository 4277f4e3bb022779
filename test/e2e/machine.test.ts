/** What one machine gives the Worker beside KV: Cache API, assets, variables, one owner of objects for a fleet. */
import { beforeAll, expect, test } from 'vitest'
import { type Probe, startProbe } from './probe.ts'

const secret = 'quote " backslash \\ line\nbreak ü'
let probe: Probe
beforeAll(async () => {
  probe = await startProbe({ services: 2, vars: { SECRET: secret } })
})

const url = (name: string) => `http://cache.example/${name}`
const put = (name: string, headers: Record<string, string>, body = 'body', status = 200) =>
  probe.cacheCall({ method: 'put', url: url(name), response: { status, headers, body } })
const match = (name: string, headers: Record<string, string> = {}) =>
  probe.cacheCall({ method: 'match', url: url(name), headers })

test('a fresh response is matched with its age', async () => {
  await put('fresh', { 'Cache-Control': 'max-age=60', 'X-A': '1' })
  expect((await match('fresh')).value).toMatchObject({
    status: 200,
    body: 'body',
    headers: { 'x-a': '1', age: '0', 'cf-cache-status': 'HIT' },
  })
})

test.each([
  ['without a lifetime', {}],
  ['with no-store', { 'Cache-Control': 'no-store, max-age=60' }],
  ['with private', { 'Cache-Control': 'private, max-age=60' }],
  ['with a cookie', { 'Cache-Control': 'max-age=60', 'Set-Cookie': 'a=b' }],
  ['with s-maxage=0', { 'Cache-Control': 'max-age=60, s-maxage=0' }],
])('a response %s is not stored', async (name, headers) => {
  await put(`not ${name}`, headers)
  expect(await match(`not ${name}`)).toEqual({ value: null })
})

test('a cookie that the origin sets apart is left out, and the rest is stored', async () => {
  const headers = { 'Cache-Control': 'private="set-cookie", max-age=60', 'Set-Cookie': 'a=b' }
  await put('apart', headers)
  const { value } = await match('apart')
  expect((value as { headers: object }).headers).not.toHaveProperty('set-cookie')
})

test('a condition that holds is answered 304', async () => {
  await put('tagged', { 'Cache-Control': 'max-age=60', ETag: 'W/"v1"' })
  expect((await match('tagged', { 'If-None-Match': '"v0", "v1"' })).value).toMatchObject({
    status: 304,
    body: '',
  })
})

test.each([
  ['bytes=2-4', 206, 'cde', 'bytes 2-4/6'],
  ['bytes=-2', 206, 'ef', 'bytes 4-5/6'],
  ['bytes=4-', 206, 'ef', 'bytes 4-5/6'],
  ['bytes=9-', 416, '', 'bytes */6'],
  ['bytes=0-1,3-4', 200, 'abcdef', undefined],
])('range %s is answered %i', async (range, status, body, contentRange) => {
  await put('ranged', { 'Cache-Control': 'max-age=60' }, 'abcdef')
  const { value } = await match('ranged', { Range: range })
  const found = value as { status: number; body: string; headers: Record<string, string> }
  expect([found.status, found.body, found.headers['content-range']]).toEqual([
    status,
    body,
    contentRange,
  ])
})

test('a deleted response is gone, and deleting says whether there was one', async () => {
  await put('deleted', { 'Cache-Control': 'max-age=60' })
  const remove = { method: 'delete', url: url('deleted') }
  expect(await probe.cacheCall(remove)).toEqual({ value: true })
  expect(await probe.cacheCall(remove)).toEqual({ value: false })
  expect(await match('deleted')).toEqual({ value: null })
})

test('a named cache is another one', async () => {
  await put('named', { 'Cache-Control': 'max-age=60' })
  const other = await probe.cacheCall({ method: 'match', url: url('named'), name: 'other' })
  expect(other).toEqual({ value: null })
})

test('a file that is not there is 404', async () => {
  expect((await fetch(`${probe.url}/assets/no-such-file.txt`)).status).toBe(404)
})

test('a variable reaches the Worker byte for byte', async () => {
  const { value } = (await (await fetch(probe.url)).json()) as { value: Record<string, string> }
  expect(value).toMatchObject({ SECRET: secret, ISOGATE_HOST: 'machine', ISOGATE_LOG: 'json' })
})

test('the services of a fleet share one object', async () => {
  const counts = []
  for (const service of [...probe.urls, ...probe.urls]) {
    counts.push(((await (await fetch(`${service}/count`)).json()) as { value: number }).value)
  }
  expect(counts).toEqual([1, 2, 3, 4])
})
