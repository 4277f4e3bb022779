/** How many subrequests of a request wait for headers at once, and in which order the others follow. */
import { expect, test } from 'vitest'
import { countPorts } from '../../test/counted-ports.ts'
import { makeExchange } from '../../test/exchange.ts'
import { gatePorts, MOST_CONNECTIONS, MOST_FETCHES } from './connections.ts'
import { settled } from './memory/clock.ts'
import type { NetworkCall, Ports } from './ports.ts'

/** A network and a store that answer when they are told to. */
function makeHeld() {
  const open: { readonly name: string; answer(): void; fail(): void }[] = []
  const begun: string[] = []
  function hold<Value>(name: string, value: Value): Promise<Value> {
    begun.push(name)
    return new Promise((resolve, reject) => {
      open.push({ name, answer: () => resolve(value), fail: () => reject(new Error(name)) })
    })
  }
  const base = makeExchange().ports
  const raw: Ports = {
    ...base,
    network: {
      send: ({ url }) => hold(url, new Response('ok')),
      sendTo: (binding) => hold(binding, new Response('ok')),
      canConnect: (hostname) => hold(hostname, true),
    },
    responses: { get: (key) => hold(key, null), put: async () => {} },
  }
  const { ports, peaks } = countPorts(raw)
  const gated = gatePorts(ports)
  return {
    begun,
    peaks,
    gated,
    async end(name: string, how: 'answer' | 'fail' = 'answer') {
      const at = open.findIndex((one) => one.name === name)
      const [one] = open.splice(at, 1)
      one?.[how]()
      await settled()
    },
  }
}

function callTo(url: string, signal: AbortSignal | null = null): NetworkCall {
  return { url, method: 'GET', headers: {}, body: null, signal }
}

test('a sixth fetch waits until one of five has its headers, in the order in which they came', async () => {
  const { gated, begun, peaks, end } = makeHeld()
  for (const name of ['a', 'b', 'c', 'd', 'e', 'f', 'g']) void gated.network.send(callTo(name))
  await settled()
  expect(begun).toEqual(['a', 'b', 'c', 'd', 'e'])
  expect(gated.network.isFull).toBe(true)
  await end('c')
  expect(begun).toEqual(['a', 'b', 'c', 'd', 'e', 'f'])
  await end('a')
  expect(begun).toEqual(['a', 'b', 'c', 'd', 'e', 'f', 'g'])
  expect(peaks).toEqual({ all: MOST_FETCHES, fetches: MOST_FETCHES })
})

test('a store is asked while five fetches wait, and a second one after it', async () => {
  const { gated, begun, peaks, end } = makeHeld()
  for (const name of ['a', 'b', 'c', 'd', 'e', 'f']) void gated.network.send(callTo(name))
  void gated.responses.get('store-1')
  void gated.responses.get('store-2')
  await settled()
  expect(begun).toEqual(['a', 'b', 'c', 'd', 'e', 'store-1'])
  await end('store-1')
  expect(begun.at(-1)).toBe('store-2')
  await end('a')
  expect(begun.at(-1)).toBe('f')
  expect(peaks).toEqual({ all: MOST_CONNECTIONS, fetches: MOST_FETCHES })
})

test('a binding counts as a fetch, and a connection that is only opened as none', async () => {
  const { gated, begun } = makeHeld()
  for (const name of ['a', 'b', 'c', 'd']) void gated.network.send(callTo(name))
  void gated.network.sendTo('BINDING', callTo('x'))
  void gated.network.sendTo('LATER', callTo('y'))
  void gated.network.canConnect?.('host', 443)
  await settled()
  expect(begun).toEqual(['a', 'b', 'c', 'd', 'BINDING', 'host'])
})

test('what fails frees its place', async () => {
  const { gated, begun, end } = makeHeld()
  const first = gated.network.send(callTo('a'))
  for (const name of ['b', 'c', 'd', 'e', 'f']) void gated.network.send(callTo(name))
  await settled()
  await Promise.all([expect(first).rejects.toThrow('a'), end('a', 'fail')])
  expect(begun.at(-1)).toBe('f')
})

test('a fetch that is called off while it waits is never sent', async () => {
  const { gated, begun, end } = makeHeld()
  for (const name of ['a', 'b', 'c', 'd', 'e']) void gated.network.send(callTo(name))
  const controller = new AbortController()
  const late = gated.network.send(callTo('late', controller.signal))
  void gated.network.send(callTo('f'))
  await settled()
  controller.abort()
  await expect(late).rejects.toThrow()
  await end('a')
  expect(begun).toEqual(['a', 'b', 'c', 'd', 'e', 'f'])
})

test('a fetch that was called off before it came is not sent', async () => {
  const { gated } = makeHeld()
  for (const name of ['a', 'b', 'c', 'd', 'e']) void gated.network.send(callTo(name))
  await expect(gated.network.send(callTo('f', AbortSignal.abort()))).rejects.toThrow()
})

/** As the host's: a method that knows its own object, or throws. */
class Host {
  readonly #work: Promise<unknown>[] = []
  constructor(ports: Ports) {
    Object.assign(this, { ...ports, defer: undefined })
    Reflect.deleteProperty(this, 'defer')
  }
  defer(work: Promise<unknown>): void {
    this.#work.push(work)
  }
  get deferred(): number {
    return this.#work.length
  }
}

test('work is deferred by the ports behind the gate, as a method of theirs', () => {
  const host = new Host(makeExchange().ports)
  gatePorts(host as unknown as Ports).defer(Promise.resolve())
  expect(host.deferred).toBe(1)
})

test('a host that opens no connections has none behind the gate', () => {
  expect(gatePorts(makeExchange().ports).network.canConnect).toBeUndefined()
})
