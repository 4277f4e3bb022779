/** At a recording service behind the real runtime: what a client writes under a reserved name never arrives. */
import { expect, test } from 'vitest'
import { makeRandom } from '../doubles/tables.ts'
import { ask, askRaw } from './client.ts'
import { startGateway, startOrigin } from './harness.ts'

const seed = Number(process.env.SEED ?? Date.now() % 1_000_000)
console.info(`forward e2e: SEED=${seed}`)

const users = { ada: { password: { secret: 'ADA' } } }
const basic = (field: string, more: object = {}) => ({
  use: 'basic-auth',
  users,
  optional: true,
  forward: { sub: field },
  ...more,
})
const right = `Basic ${btoa('ada:right')}`

const tableOf = (target: string, underscores: boolean) => {
  const route = (name: string, policies: readonly object[]) => ({
    name,
    match: { path: `/${name}` },
    policies,
    upstream: 'service',
  })
  return {
    version: 1,
    underscores,
    upstreams: { service: { targets: [target] } },
    routes: [
      route('enforced', [basic('X-User-Id')]),
      route('shadowed', [basic('X-Shadow-Id', { mode: 'shadow' })]),
      route('off', [basic('X-Off-Id', { mode: 'off' })]),
      route('sometimes', [basic('X-When-Id', { when: { methods: ['PUT'] } })]),
      route('other', []),
    ],
  }
}

const names = ['X-User-Id', 'X-Shadow-Id', 'X-Off-Id', 'X-When-Id']
const paths = ['/enforced', '/shadowed', '/off', '/sometimes', '/other']
const ROUNDS = 150

test.each([false, true])('forged fields stay behind, with underscores: %s', async (underscores) => {
  const origin = await startOrigin()
  const gateway = await startGateway({
    routes: tableOf(origin.url, underscores),
    vars: { ADA: 'right' },
    log: 'off',
  })
  const random = makeRandom(seed)
  const pick = <T>(list: readonly T[]): T => list[Math.floor(random() * list.length)] as T
  const spell = (name: string) =>
    [...name]
      .map((letter) => {
        if (letter === '-') return pick(['-', '_'])
        return random() < 0.5 ? letter.toUpperCase() : letter.toLowerCase()
      })
      .join('')
  for (let round = 0; round < ROUNDS; round++) {
    const spelled = Array.from({ length: 1 + Math.floor(random() * 3) }, () => spell(pick(names)))
    const lines = spelled.flatMap((name) => Array(pick([1, 2])).fill(`${name}: forged`))
    const connection = pick([[], spelled, [spell(pick(names))]])
    const request = [
      `GET ${pick(paths)} HTTP/1.1`,
      'Host: api.example.com',
      ...lines,
      ...(random() < 0.3 ? [`Authorization: ${right}`] : []),
      `Connection: ${['close', ...connection].join(', ')}`,
      '',
      '',
    ]
    expect(await askRaw(gateway.url, request.join('\r\n'))).toMatch(/^HTTP\/1\.1 200 /)
    expect(origin.last().rawHeaders.join('\n'), request.join('\n')).not.toContain('forged')
  }
  expect(origin.count()).toBe(ROUNDS)
})

test('a verified caller arrives once, whatever the client wrote', async () => {
  const origin = await startOrigin()
  const gateway = await startGateway({
    routes: tableOf(origin.url, true),
    vars: { ADA: 'right' },
    log: 'off',
  })
  const reply = await ask(gateway.url, {
    path: '/enforced',
    headers: {
      authorization: right,
      'X-USER-ID': 'forged',
      x_user_id: 'forged',
      'x-user_id': 'forged',
    },
  })
  expect(reply.status).toBe(200)
  const { rawHeaders } = origin.last()
  const fields = rawHeaders.filter((_, at) => at % 2 === 0).map((name) => name.toLowerCase())
  expect(fields.filter((name) => name.replaceAll('_', '-') === 'x-user-id')).toEqual(['x-user-id'])
  expect(origin.last().headers['x-user-id']).toBe('ada')
  expect(fields).not.toContain('authorization')
})
