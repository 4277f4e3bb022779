/** The admin surface of the whole Worker: real objects, real KV, one isolate. */
import { reset } from 'cloudflare:test'
import { env, exports } from 'cloudflare:workers'
import { afterEach, expect, test } from 'vitest'
import { bindings } from './bindings.ts'

afterEach(() => reset())

const worker = (exports as unknown as { default: Fetcher }).default

test('health answers in public before there is a table', async () => {
  const response = await worker.fetch('http://gateway.test/_gateway/health')
  expect(response.status).toBe(503)
  expect(await response.json()).toMatchObject({ status: 'no-table', table: null })
})

test('the table is hidden while no admin token is set', async () => {
  expect(Object.hasOwn(env, 'ADMIN_TOKEN')).toBe(false)
  const response = await worker.fetch('http://gateway.test/_gateway/routes')
  expect(response.status).toBe(404)
  expect(await response.json()).toMatchObject({ code: 'ADMIN_NOT_FOUND' })
})

test('a table that is written to KV serves, and becomes the last good one', async () => {
  const text = JSON.stringify({
    version: 1,
    routes: [{ name: 'hello', match: { path: '/hello' }, respond: { status: 200, body: 'hi' } }],
  })
  await bindings.KV.put('routes', text)
  // The isolate remembers for a moment that there was none.
  await expect
    .poll(() => worker.fetch('http://gateway.test/hello').then((response) => response.text()), {
      timeout: 5_000,
      interval: 500,
    })
    .toBe('hi')
  const health = await worker.fetch('http://gateway.test/_gateway/health')
  expect(await health.json()).toMatchObject({ status: 'ok', table: { routes: 1 }, problems: [] })
  expect(health.headers.get('isogate-table')).toMatch(/^[0-9a-f]{16}$/)
  await expect.poll(() => bindings.KV.get('routes:good'), { timeout: 5_000 }).toBe(text)
})
