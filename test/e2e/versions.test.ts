/** The example of versions before our eyes: bodies through real streams, and the count in a real object. */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { expect, test } from 'vitest'
import { projectFolder } from '../../serve/project.ts'
import { readJson } from '../../src/config/json.ts'
import { ask } from './client.ts'
import { startGateway, startOrigin } from './harness.ts'

function readExample(): { readonly routes: readonly { readonly policies: readonly object[] }[] } {
  const file = join(projectFolder, 'examples/15-versions.routes.json')
  const reading = readJson(readFileSync(file, 'utf8'), { comments: true })
  if (reading.kind !== 'read') throw new Error('the example is no JSON')
  return reading.value as ReturnType<typeof readExample>
}

test('an old client is translated for, through gzip too, and is told of', async () => {
  const example = readExample()
  const bodies: string[] = []
  const origin = await startOrigin(async (request, response) => {
    for await (const chunk of request) bodies.push(String(chunk))
    response.setHeader('Content-Type', 'application/json')
    response.setHeader('Content-Encoding', 'gzip')
    response.end(gzipSync('{"data":{"fullName":"Ada"}}'))
  })
  const echo = {
    name: 'echo',
    match: { path: '/echo' },
    policies: example.routes[0]?.policies,
    upstream: { targets: [origin.url] },
  }
  const gateway = await startGateway({
    routes: { ...example, routes: [...example.routes, echo] },
    vars: { ADMIN_TOKEN: 'operator' },
  })
  const headers = { 'API-Version': '2024-03-15', 'Content-Type': 'application/json' }

  const fixed = await ask(gateway.url, { path: '/customers/7', headers })
  expect(JSON.parse(fixed.body)).toEqual({ id: '7', name: 'Ada Lovelace' })
  expect(fixed.headers.deprecation).toBe('@1748736000')
  const newest = await ask(gateway.url, { path: '/customers/7?api-version=2025-01-01' })
  expect(JSON.parse(newest.body)).toEqual({ data: { id: '7', fullName: 'Ada Lovelace' } })

  const echoed = await ask(gateway.url, {
    path: '/echo',
    method: 'POST',
    headers,
    body: '{"name":"Bob"}',
  })
  expect(JSON.parse(echoed.body)).toEqual({ name: 'Ada' })
  expect(echoed.headers['content-encoding']).toBeUndefined()
  expect(bodies.map((body) => JSON.parse(body))).toEqual([{ data: { fullName: 'Bob' } }])

  const authorization = 'Bearer operator'
  const told = await ask(gateway.url, {
    path: '/_gateway/versions',
    headers: { authorization },
  })
  const { routes } = JSON.parse(told.body) as {
    routes: { route: string; versions: { version: string; uses: number }[] }[]
  }
  const counts = routes.map(({ route, versions }) => [route, ...versions.map(({ uses }) => uses)])
  expect(counts).toEqual([
    ['customers', 1, 0, 1],
    ['echo', 1, 0, 0],
  ])
})
