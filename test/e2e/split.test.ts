/** A new upstream in a fleet: who is sent to it, and that all gateways leave it when it is worse. */
import { expect, test } from 'vitest'
import { ask } from './client.ts'
import { type Gateway, startGateway, startOrigin, until } from './harness.ts'

const authorization = 'Bearer operator'
const admin = '/_gateway/breakers/v2'

interface Shown {
  readonly canary: readonly { readonly route: string; readonly state: string }[]
}

async function startSides() {
  const health = { status: 200 }
  const v1 = await startOrigin((_request, response) => void response.end('v1'))
  const v2 = await startOrigin((_request, response) => {
    response.writeHead(health.status).end('v2')
  })
  return { v1, v2, health }
}

function start(v1: string, v2: string, split: object): Promise<Gateway> {
  return startGateway({
    services: 3,
    vars: { ADMIN_TOKEN: 'operator' },
    routes: {
      version: 1,
      upstreams: { v1: { targets: [v1] }, v2: { targets: [v2] } },
      routes: [
        {
          name: 'shop',
          match: { path: '/*' },
          upstream: [
            { upstream: 'v1', weight: 50 },
            { upstream: 'v2', weight: 50 },
          ],
          split,
        },
      ],
    },
  })
}

const sticky = { hash: ['query.caller'] }

/** Which side each of some callers gets, at one gateway. */
async function sidesAt(url: string): Promise<string[]> {
  const callers = Array.from({ length: 20 }, (_, caller) => caller)
  const replies = await Promise.all(
    callers.map((caller) => ask(url, { path: `/?caller=${caller}` })),
  )
  return replies.map(({ body }) => body)
}

test('a caller gets the same side at each gateway, unless a field asks for one', async () => {
  const { v1, v2 } = await startSides()
  const header = { name: 'X-Version', values: { next: 'v2' } }
  const gateway = await start(v1.url, v2.url, { sticky, header })
  const [first, ...others] = await Promise.all(gateway.urls.map(sidesAt))
  expect(new Set(first)).toEqual(new Set(['v1', 'v2']))
  for (const other of others) expect(other).toEqual(first)
  const asked = await ask(gateway.url, { headers: { 'x-version': 'next' } })
  expect(asked.body).toBe('v2')
})

test('all gateways leave a new side that fails, until an operator resets it', async () => {
  const { v1, v2, health } = await startSides()
  const rollback = { errorPercent: 10, minimumRequests: 20 }
  const gateway = await start(v1.url, v2.url, { new: 'v2', sticky, rollback })
  await Promise.all(gateway.urls.map(sidesAt))
  health.status = 500
  await until(async () => {
    const sides = await Promise.all(gateway.urls.map(sidesAt))
    return sides.flat().every((side) => side === 'v1') || undefined
  })
  const line = gateway.output().filter((one) => one.includes('"notice":"rollback"'))
  expect(line.map((one) => JSON.parse(one) as object)).toMatchObject([
    { upstream: 'v2', route: 'shop', to: 'rolled-back', reason: 'error-rate' },
  ])
  const look = await ask(gateway.url, { path: admin, headers: { authorization } })
  expect((JSON.parse(look.body) as Shown).canary).toMatchObject([
    { route: 'shop', state: 'rolled-back' },
  ])
  health.status = 200
  expect(await sidesAt(gateway.url)).not.toContain('v2')
  const reset = await ask(gateway.url, {
    method: 'POST',
    path: admin,
    headers: { authorization, 'content-type': 'application/json' },
    body: JSON.stringify({ reset: true }),
  })
  expect(reset.status).toBe(200)
  expect(await sidesAt(gateway.url)).toContain('v2')
})
