/** `npm start` from outside: what it prints, follows, keeps and leaves behind. */
import { writeFileSync } from 'node:fs'
import { createServer as createHttpServer, type ServerResponse } from 'node:http'
import { createServer } from 'node:net'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { atEnd, temporaryFolder, until } from './cleanup.ts'
import { alive, freePort, launch } from './launcher.ts'

const table = (body: string) => ({
  version: 1,
  routes: [{ name: 'hello', match: { path: '/hello' }, respond: { status: 200, body } }],
})

/** A routes file in a folder of its own, and the options that run it there. */
function project(content: object | string) {
  const folder = temporaryFolder()
  const file = join(folder, 'routes.json')
  const save = (next: object | string) =>
    writeFileSync(file, typeof next === 'string' ? next : JSON.stringify(next))
  save(content)
  const options = ['--routes', file, '--port', '0', '--no-demo', '--state', join(folder, 'state')]
  return { save, options }
}

const textOf = async (url: string) => (await fetch(url)).text()
const becomes = (url: string, body: string, patienceMs: number) =>
  until(async () => (await textOf(url)) === body || undefined, patienceMs)

test.concurrent('the last line of the start names the URL, below each route with a curl for it', async () => {
  const { options } = project(table('one'))
  const launcher = launch(...options)
  const url = await launcher.ready()
  expect(await textOf(`${url}/hello`)).toBe('one')
  expect(launcher.lines.some((line) => line.includes(`curl -i ${url}/hello`))).toBe(true)
})

test('a saved change is live within a second', async () => {
  const { save, options } = project(table('one'))
  const url = await launch(...options).ready()
  expect(await textOf(`${url}/hello`)).toBe('one')
  save(table('two'))
  await becomes(`${url}/hello`, 'two', 1000)
})

test.concurrent('comments in the file are no part of the table', async () => {
  const { options } = project(`// why\n${JSON.stringify(table('one'))} /* end */`)
  const url = await launch(...options).ready()
  expect(await textOf(`${url}/hello`)).toBe('one')
})

test('a bad save is refused with its problem, and the table before it stays', async () => {
  const { save, options } = project(table('one'))
  const launcher = launch(...options)
  const url = await launcher.ready()
  save({ ...table('two'), rutes: [] })
  await launcher.line('/rutes')
  await launcher.line('refused')
  expect(await textOf(`${url}/hello`)).toBe('one')
  save(table('three'))
  await becomes(`${url}/hello`, 'three', 1000)
})

test.concurrent('a first start with a bad file ends with status 1 and every problem', async () => {
  const { options } = project('{"version":1,"routes":[{"name":"A"}],"x":{},"y":1}')
  const launcher = launch(...options)
  expect(await launcher.ended).toBe(1)
  const output = launcher.lines.join('\n')
  expect(output).toContain('/routes/0/name')
  expect(output).toContain('/y')
})

test.concurrent('a table that was put over HTTP survives a restart, until the file changes', async () => {
  const { save, options } = project(table('file'))
  const withToken = [...options, '--var', 'ADMIN_TOKEN=t0ken']
  const first = launch(...withToken)
  let url = await first.ready()
  const put = await fetch(`${url}/_gateway/routes`, {
    method: 'PUT',
    headers: { Authorization: 'Bearer t0ken', 'Content-Type': 'application/json' },
    body: JSON.stringify({
      version: 1,
      routes: [
        ...table('put').routes,
        { name: 'put', match: { path: '/put' }, respond: { status: 200 } },
      ],
    }),
  })
  expect(put.ok).toBe(true)
  first.kill('SIGTERM')
  await first.ended

  const second = launch(...withToken)
  url = await second.ready()
  expect(await textOf(`${url}/hello`)).toBe('put')
  expect(second.lines.some((line) => line.includes(`curl -i ${url}/put`))).toBe(true)
  second.kill('SIGTERM')
  await second.ended

  save(table('edited'))
  url = await launch(...withToken).ready()
  expect(await textOf(`${url}/hello`)).toBe('edited')
})

test.concurrent('a restart with a file that became bad serves the table before it', async () => {
  const { save, options } = project(table('one'))
  const first = launch(...options)
  await first.ready()
  first.kill('SIGINT')
  await first.ended
  save('{')
  const second = launch(...options)
  const url = await second.ready()
  expect(await textOf(`${url}/hello`)).toBe('one')
  expect(second.lines.some((line) => line.includes(`curl -i ${url}/hello`))).toBe(true)
})

test.concurrent.each(['SIGINT', 'SIGTERM', 'SIGKILL'] as const)(
  '%s to npm and its group leaves no process behind',
  async (signal) => {
    const { options } = project(table('one'))
    const launcher = launch(...options)
    await launcher.ready()
    const processes = launcher.descendants()
    // npm, the launcher, the shell above workerd and workerd at the least.
    expect(alive(processes).length).toBeGreaterThanOrEqual(4)
    launcher.kill(signal)
    await launcher.ended
    await until(() => alive(processes).length === 0 || undefined)
  },
)

test.concurrent('npm that is killed alone leaves no process behind', async () => {
  const { options } = project(table('one'))
  const launcher = launch(...options)
  await launcher.ready()
  const processes = launcher.descendants()
  process.kill(launcher.pid, 'SIGKILL')
  await until(() => alive(processes).length === 0 || undefined)
})

/** A gateway in front of a service that holds its answer until it is told, and a request that waits for it. */
async function heldRequest() {
  const held: ServerResponse[] = []
  const service = createHttpServer((_, response) => held.push(response))
  await new Promise<void>((resolve) => service.listen(0, '127.0.0.1', resolve))
  atEnd(() => {
    service.closeAllConnections()
    service.close()
  })
  const { port } = service.address() as { port: number }
  const upstream = { targets: [`http://127.0.0.1:${port}`] }
  const { options } = project({
    version: 1,
    routes: [{ name: 'held', match: { path: '/*' }, upstream }],
  })
  const launcher = launch(...options)
  const url = await launcher.ready()
  const answer = fetch(`${url}/x`).then(
    (response) => response.text(),
    () => null,
  )
  const response = await until(() => held[0])
  return { launcher, answer, response }
}

test.concurrent('a request in flight is answered after Ctrl-C', async () => {
  const { launcher, answer, response } = await heldRequest()
  launcher.kill('SIGINT')
  await launcher.line('stopping')
  response.end('late')
  expect(await answer).toBe('late')
  expect(await launcher.ended).toBe(0)
})

test.concurrent('Ctrl-C ends in time although a request hangs', async () => {
  const { launcher, answer } = await heldRequest()
  const processes = launcher.descendants()
  launcher.kill('SIGINT')
  await launcher.ended
  expect(await answer).toBeNull()
  await until(() => alive(processes).length === 0 || undefined)
})

test.concurrent('a port in use is one line that names it, and status 1', async () => {
  const { options } = project(table('one'))
  const blocker = createServer()
  await new Promise<void>((resolve) => blocker.listen(0, '127.0.0.1', resolve))
  const { port } = blocker.address() as { port: number }
  const launcher = launch(...options, '--port', String(port))
  expect(await launcher.ended).toBe(1)
  expect(launcher.lines).toHaveLength(1)
  expect(launcher.lines[0]).toContain(`port ${port}`)
  blocker.close()
})

test.concurrent('an unknown option is one line, and status 2', async () => {
  const launcher = launch('--prot', '8787')
  expect(await launcher.ended).toBe(2)
  expect(launcher.lines).toHaveLength(1)
  expect(launcher.lines[0]).toContain('--prot')
})

test.concurrent('a second gateway on the same state is refused in one line', async () => {
  const { options } = project(table('one'))
  await launch(...options).ready()
  const second = launch(...options)
  expect(await second.ended).toBe(1)
  expect(second.lines).toHaveLength(1)
})

test.concurrent('a table that lacks a secret serves the other routes, and health says degraded', async () => {
  const { options } = project({
    version: 1,
    upstreams: {
      keyed: { targets: ['http://127.0.0.1:1'], headers: { 'X-Key': { secret: 'MISSING_KEY' } } },
    },
    routes: [
      { name: 'keyed', match: { path: '/keyed' }, upstream: 'keyed' },
      { name: 'hello', match: { path: '/hello' }, respond: { status: 200, body: 'one' } },
    ],
  })
  const launcher = launch(...options)
  const url = await launcher.ready()
  expect(await textOf(`${url}/hello`)).toBe('one')
  expect((await fetch(`${url}/keyed`)).status).toBe(500)
  expect(launcher.lines.join('\n')).toContain('MISSING_KEY')
})

test.concurrent('without options the demo shop runs, and each of its routes answers', async () => {
  const port = await freePort()
  const launcher = launch('--port', String(port), '--state', temporaryFolder())
  const url = await launcher.ready()
  const paths = ['/', '/api/v1/users/u_1001', '/api/v1/users/u_1001/cart', '/search?q=mug']
  const answers = await Promise.all(paths.map((path) => fetch(`${url}${path}`)))
  expect(answers.map(({ status }) => status)).toEqual([200, 200, 200, 200])

  // As the lines that it printed say it: with a token, one answer from two services.
  const [token] = /Bearer [^']+/.exec(await launcher.line(`' ${url}/api/cart`)) ?? []
  expect((await fetch(`${url}/api/cart`)).status).toBe(401)
  const cart = await fetch(`${url}/api/cart`, { headers: { Authorization: `${token}` } })
  expect(cart.headers.get('isogate-complete')).toBe('true')
  expect(await cart.json()).toEqual({
    items: [
      { productId: 'p_104', quantity: 2, name: 'Enamel mug', priceCents: 1250 },
      { productId: 'p_107', quantity: 1, name: 'Desk lamp, warm white', priceCents: 4900 },
    ],
  })
  const processes = launcher.descendants()
  launcher.kill('SIGINT')
  await launcher.ended
  await until(() => alive(processes).length === 0 || undefined)
})
