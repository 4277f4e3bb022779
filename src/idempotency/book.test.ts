import { beforeEach, expect, test } from 'vitest'
import { MemoryClock } from '../platform/memory/clock.ts'
import { memoryKeyStorage } from '../platform/memory/idempotency-objects.ts'
import { type BookLimits, IdempotencyBook, type KeyStorage } from './book.ts'
import type { BeginMessage, Ending } from './messages.ts'

let clock: MemoryClock
let storage: KeyStorage
let book: IdempotencyBook

function open(limits?: BookLimits): void {
  book = new IdempotencyBook({ clock, storage, ...(limits === undefined ? {} : { limits }) })
}

beforeEach(() => {
  clock = new MemoryClock(1_000)
  storage = memoryKeyStorage()
  open()
})

const first: BeginMessage = {
  token: 'one',
  fingerprint: { target: 'T', body: 'B' },
  leaseMs: 30_000,
  ttlMs: 60_000,
  onUnknown: 'free',
}
const second = { ...first, token: 'two' }
const paid: Ending = {
  kind: 'answered',
  answer: {
    status: 201,
    fields: [['location', '/payments/1']],
    body: new TextEncoder().encode('paid').buffer,
  },
}

function end(ending: Ending, { token = 'one', body = null as string | null } = {}): void {
  book.end('key', { token, body, ttlMs: 60_000, ending })
}

test('of two requests with one key the first runs, and the second hears so', () => {
  expect(book.begin('key', first)).toEqual({ kind: 'run' })
  expect(book.begin('key', second)).toEqual({ kind: 'running' })
})

test('requests with other keys do not meet', () => {
  book.begin('key', first)
  expect(book.begin('other', second)).toEqual({ kind: 'run' })
})

test('a message that comes twice runs once more, since its first reply was lost', () => {
  book.begin('key', first)
  expect(book.begin('key', first)).toEqual({ kind: 'run' })
})

test('a later request has the answer of the first, status, fields and body', () => {
  book.begin('key', first)
  end(paid)
  const reply = book.begin('key', second)
  expect(reply).toMatchObject({
    kind: 'answered',
    answer: { status: 201, fields: [['location', '/payments/1']] },
  })
  if (reply.kind !== 'answered') throw new TypeError(reply.kind)
  expect(new TextDecoder().decode(reply.answer.body ?? new ArrayBuffer(0))).toBe('paid')
})

test('the answer is there after a restart of the object', () => {
  book.begin('key', first)
  end(paid)
  open()
  expect(book.begin('key', second).kind).toBe('answered')
})

test('a restart of the object lets no second request run', () => {
  book.begin('key', first)
  open()
  expect(book.begin('key', second)).toEqual({ kind: 'running' })
})

test.each([
  ['target', { target: 'other', body: 'B' }],
  ['body', { target: 'T', body: 'other' }],
])('another %s under the key is refused, while the first runs and afterwards', (_, fingerprint) => {
  book.begin('key', first)
  expect(book.begin('key', { ...second, fingerprint })).toEqual({ kind: 'reused' })
  end(paid)
  expect(book.begin('key', { ...second, fingerprint })).toEqual({ kind: 'reused' })
})

const streamed = (token: string): BeginMessage => ({
  ...first,
  token,
  fingerprint: { target: 'T', body: null },
})

test('the hash of a body that streamed comes with the end, and is compared from then on', () => {
  book.begin('key', streamed('one'))
  end(paid, { body: 'B' })
  expect(book.begin('key', second).kind).toBe('answered')
  expect(book.begin('key', { ...second, fingerprint: { target: 'T', body: 'C' } }).kind).toBe(
    'reused',
  )
})

test('a body that streams is asked for its hash before it has the answer of another', () => {
  book.begin('key', first)
  expect(book.begin('key', streamed('two'))).toEqual({ kind: 'running' })
  end(paid)
  expect(book.begin('key', streamed('two'))).toEqual({ kind: 'which-body' })
})

test('where the first body was never read to its end, its target alone is compared', () => {
  book.begin('key', streamed('one'))
  end(paid)
  expect(book.begin('key', second).kind).toBe('answered')
})

test('a request that came to nothing frees its key, also for another body', () => {
  book.begin('key', first)
  end({ kind: 'free' })
  expect(book.begin('key', { ...second, fingerprint: { target: 'U', body: 'C' } })).toEqual({
    kind: 'run',
  })
})

test('what was not kept and what is not known are said so', () => {
  book.begin('key', first)
  end({ kind: 'not-kept', status: 200 })
  expect(book.begin('key', second)).toEqual({ kind: 'not-kept', status: 200 })
  book.begin('other', first)
  book.end('other', { token: 'one', body: null, ttlMs: 1, ending: { kind: 'unknown' } })
  expect(book.begin('other', second)).toEqual({ kind: 'unknown' })
})

test('the key of a request whose isolate died is free when its lease is over, for the same request', async () => {
  book.begin('key', first)
  await clock.advance(29_999)
  expect(book.begin('key', second)).toEqual({ kind: 'running' })
  await clock.advance(1)
  const other = { ...second, fingerprint: { target: 'T', body: 'C' } }
  expect(book.begin('key', other)).toEqual({ kind: 'reused' })
  expect(book.begin('key', second)).toEqual({ kind: 'run' })
})

test('a body that streams takes over the key of a dead request only with its hash', async () => {
  book.begin('key', first)
  await clock.advance(30_000)
  expect(book.begin('key', streamed('two'))).toEqual({ kind: 'which-body' })
  expect(book.begin('key', second)).toEqual({ kind: 'run' })
})

test('where what is not known is kept, a lease that ends lets nobody run', async () => {
  book.begin('key', { ...first, onUnknown: 'keep' })
  await clock.advance(30_000)
  expect(book.begin('key', second)).toEqual({ kind: 'unknown' })
})

test('a lease that is renewed goes on', async () => {
  book.begin('key', first)
  await clock.advance(20_000)
  expect(book.renew('key', 'one', 30_000)).toBe(true)
  await clock.advance(29_999)
  expect(book.begin('key', second)).toEqual({ kind: 'running' })
})

test('who lost the key neither renews nor ends it', async () => {
  book.begin('key', first)
  await clock.advance(30_000)
  book.begin('key', second)
  expect(book.renew('key', 'one', 30_000)).toBe(false)
  end(paid)
  expect(book.begin('key', { ...first, token: 'three' })).toEqual({ kind: 'running' })
  end(paid, { token: 'two' })
  expect(book.begin('key', { ...first, token: 'three' }).kind).toBe('answered')
})

test('an answer is not overwritten by a second end', () => {
  book.begin('key', first)
  end(paid)
  end({ kind: 'free' })
  expect(book.begin('key', second).kind).toBe('answered')
})

test('a request that runs for longer than the lifetime of its key keeps it', async () => {
  book.begin('key', { ...first, ttlMs: 1_000 })
  await clock.advance(5_000)
  expect(book.begin('key', second)).toEqual({ kind: 'running' })
})

test('a key is forgotten when its lifetime is over, with or without the alarm', async () => {
  book.begin('key', first)
  end(paid)
  await clock.advance(59_999)
  expect(book.begin('key', second).kind).toBe('answered')
  await clock.advance(1)
  expect(book.begin('key', second)).toEqual({ kind: 'run' })
})

test('the alarm deletes what has expired, and comes again for the next', async () => {
  book.begin('key', first)
  end(paid)
  await clock.advance(10_000)
  book.begin('other', second)
  await clock.advance(50_000)
  expect(book.sweep()).toBe(71_000)
  expect(storage.read('key')).toBeNull()
  await clock.advance(10_000)
  expect(book.sweep()).toBeNull()
})

test('an object that is full of keys takes no more until some have expired', async () => {
  open({ maxEntries: 2, maxBytes: 1_000 })
  book.begin('a', first)
  book.begin('b', first)
  expect(book.begin('c', second)).toEqual({ kind: 'full' })
  expect(book.begin('a', second)).toEqual({ kind: 'running' })
  await clock.advance(60_000)
  expect(book.begin('c', second)).toEqual({ kind: 'run' })
})

test('an object that is full of answers takes no more', () => {
  open({ maxEntries: 10, maxBytes: 4 })
  book.begin('key', first)
  end(paid)
  expect(book.begin('other', second)).toEqual({ kind: 'full' })
})
