import { expect, test } from 'vitest'
import { type ExchangeParts, makeBindContext, makeExchange } from '../../../test/exchange.ts'
import type { Answer, Exchange } from '../../pipeline/exchange.ts'
import { definition } from './policy.ts'
import { type SizeLimitOptions, sizeLimitSchema } from './schema.ts'

function bind(options: Omit<SizeLimitOptions, 'use'>) {
  const context = makeBindContext({ name: 'size' })
  const policy = definition.bind({ use: 'size-limit', ...options }, context)
  if (policy.kind !== 'wrap') throw new TypeError('not a wrap')
  return policy
}

/** A request with a body in chunks of one byte and no Content-Length. */
function streaming(bytes: number, parts: ExchangeParts = {}): Exchange {
  let sent = 0
  const body = new ReadableStream<Uint8Array>(
    {
      pull(controller) {
        if (sent === bytes) return controller.close()
        sent += 1
        controller.enqueue(new Uint8Array(1))
      },
    },
    { highWaterMark: 0 },
  )
  return makeExchange({ method: 'POST', body, ...parts })
}

/** A service that reads the whole body and tells its length; a broken upload makes it unreachable. */
async function swallow(exchange: Exchange): Promise<Answer> {
  try {
    const bytes = await new Response(exchange.outgoing.body).arrayBuffer()
    return new Response(String(bytes.byteLength))
  } catch {
    return { kind: 'refused', code: 'UPSTREAM_UNREACHABLE' }
  }
}

const textOf = async (answer: Answer | Promise<Answer>) => {
  const awaited = await answer
  return awaited instanceof Response ? await awaited.text() : awaited.code
}

test('a declared body past the limit never reaches the service', async () => {
  const exchange = streaming(9, { headers: { 'content-length': '9' } })
  const answer = bind({ maxBodyBytes: 8 }).around(exchange, () => {
    throw new Error('must not be called')
  })
  expect(await textOf(answer)).toBe('BODY_TOO_LARGE')
  expect(exchange.event.policies).toEqual({ size: 'refused' })
})

test('a declared body within the limit goes on untouched', async () => {
  const exchange = streaming(8, { headers: { 'content-length': '8' } })
  const { body } = exchange.outgoing
  expect(await textOf(bind({ maxBodyBytes: 8 }).around(exchange, swallow))).toBe('8')
  expect(exchange.outgoing.body).toBe(body)
})

test('a streamed body at the limit arrives whole', async () => {
  const exchange = streaming(8)
  expect(await textOf(bind({ maxBodyBytes: 8 }).around(exchange, swallow))).toBe('8')
  expect(exchange.event.policies).toEqual({ size: 'passed' })
})

test('a streamed body past the limit is broken off and answered with 413', async () => {
  const exchange = streaming(9)
  expect(await textOf(bind({ maxBodyBytes: 8 }).around(exchange, swallow))).toBe('BODY_TOO_LARGE')
  expect(exchange.event.policies).toEqual({ size: 'refused' })
})

test('a call that throws because its upload was broken off is answered with 413', async () => {
  const answer = bind({ maxBodyBytes: 8 }).around(streaming(9), async ({ outgoing }) => {
    await new Response(outgoing.body).arrayBuffer()
    throw new Error('unreachable')
  })
  expect(await textOf(answer)).toBe('BODY_TOO_LARGE')
})

test('an error that is not of the upload goes through', async () => {
  const answer = bind({ maxBodyBytes: 8 }).around(streaming(1), () => {
    throw new Error('a bug')
  })
  await expect(answer).rejects.toThrow('a bug')
})

test('an answer that came before the limit was passed stands', async () => {
  const early = () => new Response('enough')
  expect(await textOf(bind({ maxBodyBytes: 8 }).around(streaming(9), early))).toBe('enough')
})

test('an endless body is never held: no more is read than goes on', async () => {
  const exchange = streaming(Number.POSITIVE_INFINITY)
  const answer = bind({ maxBodyBytes: 1_000_000 }).around(exchange, async ({ outgoing }) => {
    const reader = (outgoing.body as ReadableStream<Uint8Array>).getReader()
    const first = await reader.read()
    await reader.cancel()
    return new Response(String(first.value?.byteLength))
  })
  expect(await textOf(answer)).toBe('1')
})

test('bytes that were read for routing have their length', async () => {
  const exchange = makeExchange({ method: 'POST', body: new ArrayBuffer(9) })
  expect(await textOf(bind({ maxBodyBytes: 8 }).around(exchange, swallow))).toBe('BODY_TOO_LARGE')
})

test('a long target is refused with 414, large headers with 431', async () => {
  const exchange = makeExchange({ url: 'https://a.example/abc?d=e', headers: { 'x-a': '1' } })
  expect(await textOf(bind({ maxTargetBytes: 7 }).around(exchange, swallow))).toBe(
    'TARGET_TOO_LONG',
  )
  expect(await textOf(bind({ maxHeaderBytes: 7 }).around(exchange, swallow))).toBe(
    'HEADERS_TOO_LARGE',
  )
})

test('shadow mode notes what it would have done and lets all bytes pass', async () => {
  const exchange = streaming(9)
  expect(await textOf(bind({ maxBodyBytes: 8 }).shadow(exchange, swallow))).toBe('9')
  expect(exchange.event.policies).toEqual({ size: 'would-refuse' })
})

test('shadow mode notes a request that it would have let pass', async () => {
  const exchange = makeExchange()
  await bind({ maxBodyBytes: 8 }).shadow(exchange, swallow)
  expect(exchange.event.policies).toEqual({ size: 'would-pass' })
})

test.each([[{}], [{ maxBodyBytes: -1 }], [{ maxBodyBytes: '1MB' }], [{ maxBodySize: 1 }]])(
  '%j is refused by the schema',
  (options) => {
    expect(sizeLimitSchema.safeParse({ use: 'size-limit', ...options }).success).toBe(false)
  },
)
