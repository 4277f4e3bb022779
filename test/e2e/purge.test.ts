/** The stores of the cache over eight gateways of one machine: one fetch per miss, and purges that reach all. */
import { expect, test } from 'vitest'
import { ask } from './client.ts'
import { startGateway, startOrigin, until } from './harness.ts'

const token = 'purge-token'

test('of a thousand cold requests over eight gateways one reaches the service, and a purge reaches all within a second', async () => {
  let fetched = 0
  const origin = await startOrigin((_request, response) => {
    fetched++
    const version = fetched
    setTimeout(() => {
      response.writeHead(200, { 'Cache-Control': 'max-age=600', 'Cache-Tag': 'list' })
      response.end(`version ${version}`)
    }, 100)
  })
  const gateway = await startGateway({
    services: 8,
    vars: { ADMIN_TOKEN: token },
    routes: {
      version: 1,
      upstreams: { shop: { targets: [origin.url] } },
      routes: [
        { name: 'shop', match: { path: '/*' }, policies: [{ use: 'cache' }], upstream: 'shop' },
      ],
    },
  })
  const headers = { host: 'shop.example' }
  const get = async (index: number) =>
    (await ask(gateway.urls[index % 8]!, { path: '/list', headers })).body
  const cold = await Promise.all(Array.from({ length: 1_000 }, (_, index) => get(index)))
  expect(new Set(cold)).toEqual(new Set(['version 1']))
  expect(fetched).toBe(1)

  const purged = await fetch(`${gateway.url}/_gateway/purge`, {
    method: 'POST',
    headers: { authorization: `Bearer ${token}` },
    body: JSON.stringify({ tags: ['list'] }),
  })
  expect(await purged.json()).toMatchObject({ inForceWithinSeconds: 1 })
  const told = performance.now()
  const all = [0, 1, 2, 3, 4, 5, 6, 7]
  await until(async () => {
    const texts = await Promise.all(all.map(get))
    return texts.every((text) => text !== 'version 1') || undefined
  })
  expect(performance.now() - told).toBeLessThan(1_000)
})
