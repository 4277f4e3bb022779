import { expect, test } from 'vitest'
import { MemoryClock } from '../platform/memory/clock.ts'
import type { AnswerHead } from './answer.ts'
import { FillBook, type LandedAnswer } from './fill-book.ts'

const head: AnswerHead = {
  status: 200,
  fields: [],
  requestedAt: 0,
  receivedAt: 0,
  selecting: [],
  tags: [],
  generation: 0,
  length: null,
}

function setUp() {
  const clock = new MemoryClock(0)
  let count = 0
  const book = new FillBook({ timers: clock, makeToken: () => `t${++count}` })
  return { clock, book }
}

function answerOf(bytes: number): LandedAnswer {
  return { head, bytes: new ArrayBuffer(bytes) }
}

test('what was landed is handed on for a second, and then let go', async () => {
  const { clock, book } = setUp()
  await book.begin('a', 5_000)
  book.land('a', 't1', answerOf(1))
  await clock.advance(999)
  expect(await book.begin('a', 5_000)).toMatchObject({ kind: 'follow' })
  await clock.advance(1)
  expect(book.size).toBe(0)
  expect(await book.begin('a', 5_000)).toEqual({ kind: 'lead', token: 't2' })
})

test('it is handed on for as long as was said, and never for more than 30 s', async () => {
  const { clock, book } = setUp()
  await book.begin('a', 5_000)
  book.land('a', 't1', answerOf(1), 3_600_000)
  await clock.advance(29_999)
  expect(await book.begin('a', 5_000)).toMatchObject({ kind: 'follow' })
  await clock.advance(1)
  expect(await book.begin('a', 5_000)).toMatchObject({ kind: 'lead' })
})

test('a leader that is never heard of again is given up after its time, without any call', async () => {
  const { clock, book } = setUp()
  await book.begin('a', 5_000)
  const follower = book.begin('a', 60_000)
  await clock.advance(5_000)
  expect(await follower).toEqual({ kind: 'alone' })
  expect(book.size).toBe(0)
})

test('nobody waits for more than a minute', async () => {
  const { clock, book } = setUp()
  await book.begin('a', 3_600_000)
  const follower = book.begin('a', 3_600_000)
  await clock.advance(60_000)
  expect(await follower).toEqual({ kind: 'alone' })
})

test('a token that is not the leader lands nothing', async () => {
  const { book, clock } = setUp()
  await book.begin('a', 5_000)
  book.land('a', 'other', answerOf(1))
  book.land('b', 't1', answerOf(1))
  const follower = book.begin('a', 100)
  await clock.advance(100)
  expect(await follower).toEqual({ kind: 'alone' })
})

test('what is landed twice is what was landed first', async () => {
  const { book } = setUp()
  await book.begin('a', 5_000)
  book.land('a', 't1', answerOf(1))
  book.land('a', 't1', answerOf(2))
  const turn = await book.begin('a', 5_000)
  expect(turn.kind === 'follow' && turn.answer.bytes?.byteLength).toBe(1)
})

test('those who wait when it is forgotten go alone, and its leader lands nothing', async () => {
  const { book } = setUp()
  await book.begin('a', 5_000)
  const follower = book.begin('a', 5_000)
  book.forget('a')
  expect(await follower).toEqual({ kind: 'alone' })
  book.land('a', 't1', answerOf(1))
  expect(await book.begin('a', 5_000)).toEqual({ kind: 'lead', token: 't2' })
})

test('eight mebibytes are held at most: what was landed first goes first', async () => {
  const { book } = setUp()
  for (let index = 0; index < 9; index++) {
    const key = `k${index}`
    await book.begin(key, 5_000)
    book.land(key, `t${index + 1}`, answerOf(1_048_576))
  }
  expect(book.size).toBe(8)
  expect(await book.begin('k1', 5_000)).toMatchObject({ kind: 'follow' })
  expect(await book.begin('k0', 5_000)).toMatchObject({ kind: 'lead' })
})

test('beyond ten thousand keys everybody is alone, until some are done', async () => {
  const { book } = setUp()
  for (let index = 0; index < 10_000; index++) await book.begin(`k${index}`, 5_000)
  expect(await book.begin('more', 5_000)).toEqual({ kind: 'alone' })
  book.land('k0', 't1', null)
  expect(await book.begin('more', 5_000)).toMatchObject({ kind: 'lead' })
})
