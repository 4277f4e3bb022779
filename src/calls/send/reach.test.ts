import { expect, test } from 'vitest'
import {
  bindCalls,
  makeTimedCall,
  type Script,
  scripted,
  type TimedCallParts,
} from '../../../test/calls.ts'
import { refuse } from '../../errors/refusal.ts'
import { makeMemories } from '../../platform/memories.ts'

const ok = new Response('ok')
const lost = refuse('UPSTREAM_UNREACHABLE', { failure: 'reset' })
const retry = { backoff: { baseMs: 1 } }

/** Hosts that take connections, and those that were asked. */
function network(open: readonly string[]) {
  const asked: string[] = []
  return {
    asked,
    canConnect: async (hostname: string, port: number) => {
      asked.push(`${hostname}:${port}`)
      return open.includes(hostname)
    },
  }
}

async function post(scripts: readonly Script[], parts: TimedCallParts) {
  const { send, sent } = scripted(...scripts)
  const answer = await bindCalls({ retry }, send)(makeTimedCall({ method: 'POST', ...parts }))
  return { result: answer instanceof Response ? answer.status : answer, sent }
}

test('a POST goes to the target that takes connections', async () => {
  const { asked, canConnect } = network(['b.example.com'])
  const { result, sent } = await post([ok], { canConnect })
  expect(result).toBe(200)
  expect(sent.map(({ target }) => target)).toEqual(['https://b.example.com'])
  expect(asked).toEqual(['a.example.com:443', 'b.example.com:443'])
})

test('a body that streams by is still there for the next target', async () => {
  const { canConnect } = network(['b.example.com'])
  const body = new Response('of unknown length').body
  const { result, sent } = await post([ok], { canConnect, body })
  expect(result).toBe(200)
  expect(sent.map((one) => one.body)).toEqual([body])
})

test('a PUT whose body streams by goes to the target that takes connections', async () => {
  const { canConnect } = network(['b.example.com'])
  const body = new Response('of unknown length').body
  const { send, sent } = scripted(ok)
  const answer = await bindCalls(
    { retry },
    send,
  )(makeTimedCall({ method: 'PUT', canConnect, body }))
  expect(answer).toMatchObject({ status: 200 })
  expect(sent.map(({ target }) => target)).toEqual(['https://b.example.com'])
})

test('a POST that no target takes was certainly not sent', async () => {
  const { canConnect } = network([])
  const { result, sent } = await post([ok], { canConnect })
  expect(result).toMatchObject({ code: 'UPSTREAM_UNREACHABLE', unsent: true })
  expect(sent).toEqual([])
})

test('a target that answered is not asked again for a while; one that was lost is', async () => {
  const { asked, canConnect } = network(['a.example.com'])
  const memories = makeMemories()
  const options = { retry, targets: ['https://a.example.com'] }
  const { send } = scripted(ok, lost, ok)
  for (let request = 0; request < 3; request += 1) {
    await bindCalls(options, send)(makeTimedCall({ method: 'POST', canConnect, memories }))
  }
  expect(asked).toHaveLength(2)
})

test('a target that was lost is asked before any request, until it takes a connection', async () => {
  const memories = makeMemories()
  const options = { targets: ['https://a.example.com'] }
  const send = async (method: string, open: readonly string[]) => {
    const { asked, canConnect } = network(open)
    const { send } = scripted(method === 'POST' ? lost : ok)
    const call = makeTimedCall({ method, canConnect, memories })
    const answer = await bindCalls(method === 'POST' ? { ...options, retry } : options, send)(call)
    return [asked.length, answer instanceof Response ? answer.status : answer.unsent]
  }
  expect(await send('POST', ['a.example.com'])).toEqual([1, undefined])
  expect(await send('GET', [])).toEqual([1, true])
  expect(await send('GET', ['a.example.com'])).toEqual([1, 200])
  expect(await send('GET', [])).toEqual([0, 200])
})

test('what may be repeated needs no question', async () => {
  const { asked, canConnect } = network([])
  const { sent } = await post([ok], { canConnect, method: 'PUT' })
  expect([asked, sent.length]).toEqual([[], 1])
})

test('on Cloudflare the network answers for targets that take no connection', async () => {
  const { asked, canConnect } = network([])
  const { sent } = await post([ok], { canConnect, client: { colo: 'AMS' } })
  expect([asked, sent.length]).toEqual([[], 1])
})
