import { beforeEach, expect, test } from 'vitest'
import { type CallParts, makeCall } from '../../../test/call.ts'
import { START } from '../../../test/exchange.ts'
import { Secret } from '../../http/secret.ts'
import type { Answer } from '../../pipeline/exchange.ts'
import { makeMemories } from '../../platform/memories.ts'
import { MemoryClock } from '../../platform/memory/clock.ts'
import type { NetworkCall } from '../../platform/ports.ts'
import type { Call } from '../call.ts'
import { bindClientCredentials } from './client-credentials.ts'
import { bindTokenSource } from './token-source.ts'

const options = {
  tokenUrl: 'https://id.example.com/token',
  clientId: 'gateway',
  clientSecret: { secret: 'CLIENT_SECRET' },
} as const

/** What the token endpoint answers, in turn; the last one for ever. */
type Endpoint = (count: number) => Response | Promise<Response>

const grant: Endpoint = (count) =>
  Response.json({ access_token: `token-${count}`, token_type: 'bearer', expires_in: 100 })

let clock: MemoryClock
let asked: NetworkCall[]
let sent: string[]
let deferred: Promise<unknown>[]

beforeEach(() => {
  clock = new MemoryClock(START)
  asked = []
  sent = []
  deferred = []
})

/** A gateway in small: `service` answers the calls, `endpoint` may be changed between them. */
function bind(given: { endpoint?: Endpoint; service?: (token: string) => Answer } = {}) {
  const state = { endpoint: given.endpoint ?? grant }
  const memories = makeMemories()
  const source = bindTokenSource(options, new Secret('s3cret'))
  const send = bindClientCredentials(source, async (call: Call) => {
    const token = call.headers.authorization ?? ''
    sent.push(token)
    return given.service?.(token) ?? new Response('ok')
  })
  const network = {
    async send(call: NetworkCall) {
      asked.push(call)
      return state.endpoint(asked.length)
    },
    sendTo: () => Promise.reject(new Error('no bindings')),
  }
  function make(parts: CallParts = {}): Call {
    const call = makeCall({ ...parts, network, memories })
    const defer = (work: Promise<unknown>) => void deferred.push(work)
    const ports = { ...call.exchange.ports, clock, timers: clock, network, memories, defer }
    return { ...call, exchange: { ...call.exchange, ports } }
  }
  return { state, make, ask: (parts: CallParts = {}) => send(make(parts)), send }
}

test('a token is fetched once and sent with each call', async () => {
  const { ask } = bind()
  await ask({ headers: { authorization: 'Bearer client' } })
  await ask()
  expect(sent).toEqual(['Bearer token-1', 'Bearer token-1'])
  expect(asked).toHaveLength(1)
  expect(asked[0]).toMatchObject({ url: options.tokenUrl, method: 'POST' })
})

test('many calls at once ask the endpoint once', async () => {
  const { ask } = bind()
  await Promise.all(Array.from({ length: 20 }, () => ask()))
  expect(asked).toHaveLength(1)
  expect(new Set(sent)).toEqual(new Set(['Bearer token-1']))
})

test('before its end a token is fetched again, and nobody waits for that', async () => {
  const { ask } = bind()
  await ask()
  await clock.advance(85_000)
  await ask()
  await Promise.all(deferred)
  await ask()
  expect(sent).toEqual(['Bearer token-1', 'Bearer token-1', 'Bearer token-2'])
})

test('while the endpoint is down the old token serves until its end, then calls are refused', async () => {
  const { ask, state } = bind()
  await ask()
  state.endpoint = () => Promise.reject(new Error('down'))
  await clock.advance(85_000)
  expect(await ask()).toBeInstanceOf(Response)
  await clock.advance(10_000)
  expect(await ask()).toMatchObject({
    code: 'UPSTREAM_AUTH_FAILED',
    headers: { 'retry-after': '2' },
  })
  expect(sent).toHaveLength(2)
})

test('an endpoint that does not answer is left alone for two seconds', async () => {
  const { ask, state } = bind({ endpoint: () => Promise.reject(new Error('down')) })
  await ask()
  await ask()
  expect(asked).toHaveLength(1)
  state.endpoint = grant
  await clock.advance(2000)
  expect(await ask()).toBeInstanceOf(Response)
})

test('an endpoint that hangs is given up after five seconds', async () => {
  const { ask } = bind({ endpoint: () => new Promise<Response>(() => {}) })
  const began = clock.now()
  const answer = await clock.until(ask())
  expect(answer).toMatchObject({ code: 'UPSTREAM_AUTH_FAILED' })
  expect(clock.now() - began).toBeLessThanOrEqual(5100)
})

test.each([
  ['unreachable', () => new Response('busy', { status: 503 })],
  ['refused', () => Response.json({ error: 'invalid_client' }, { status: 401 })],
  ['answer-invalid', () => new Response('<html>')],
])('the event tells that the endpoint was %s', async (reason, endpoint) => {
  const { make, send } = bind({ endpoint })
  const call = make()
  expect(await send(call)).toMatchObject({ code: 'UPSTREAM_AUTH_FAILED' })
  expect(call.exchange.event.policies).toEqual({
    'upstream-auth': `failed:token-endpoint-${reason}`,
  })
  expect(sent).toEqual([])
})

test('a call whose deadline is over does not wait for the endpoint', async () => {
  const { make, send } = bind({ endpoint: () => new Promise<Response>(() => {}) })
  const call = make()
  const controller = new AbortController()
  call.signal = controller.signal
  const answer = send(call)
  controller.abort()
  expect(await answer).toMatchObject({ kind: 'refused' })
})

const refuseFirst = (token: string) =>
  new Response('', { status: token === 'Bearer token-1' ? 401 : 200 })

test('a token that the service refuses is fetched anew, and the call is made again', async () => {
  const { ask } = bind({ service: refuseFirst })
  await ask()
  await clock.advance(10_000)
  expect(await ask()).toMatchObject({ status: 200 })
  expect(sent).toEqual(['Bearer token-1', 'Bearer token-1', 'Bearer token-2'])
})

test('a young token is not the reason of a 401: the answer goes to the client', async () => {
  const { ask } = bind({ service: refuseFirst })
  expect(await ask()).toMatchObject({ status: 401 })
  expect(await ask()).toMatchObject({ status: 401 })
  expect(asked).toHaveLength(1)
})

test('a POST is not made again, but the next call has a new token', async () => {
  const { ask } = bind({ service: refuseFirst })
  await ask({ method: 'POST' })
  await clock.advance(10_000)
  expect(await ask({ method: 'POST' })).toMatchObject({ status: 401 })
  expect(await ask({ method: 'POST' })).toMatchObject({ status: 200 })
  expect(sent).toEqual(['Bearer token-1', 'Bearer token-1', 'Bearer token-2'])
})

test('a 401 stays when the endpoint gives nothing new', async () => {
  const { ask, state } = bind({ service: () => new Response('', { status: 401 }) })
  await ask()
  await clock.advance(10_000)
  state.endpoint = () => Promise.reject(new Error('down'))
  expect(await ask()).toMatchObject({ status: 401 })
  expect(sent).toHaveLength(2)
})
