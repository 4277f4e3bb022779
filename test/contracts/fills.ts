/** What everyone who lets fills meet does: run on memory and on the Durable Object. */

import { expect, test } from 'vitest'
import type { Fills, FillTurn } from '../../src/cache/answer.ts'
import { streamOf } from '../doubles/streams.ts'
import { bytesOf, headOf, textOf } from './answers.ts'

export interface FillsSubject {
  readonly fills: Fills
  /** Lets time pass until the work is done. */
  until<Value>(work: Promise<Value>): Promise<Value>
}

export function tokenOf(turn: FillTurn): string {
  if (turn.kind !== 'lead') throw new Error(turn.kind)
  return turn.token
}

/** Every call of `make` may give the same objects: each test has keys of its own. */
export function fillsContract(make: () => FillsSubject): void {
  test('the first leads, and those who come meanwhile are handed what it landed', async () => {
    const { fills, until } = make()
    const token = tokenOf(await until(fills.begin('shared', 5_000)))
    const followers = [1, 2, 3].map(() => fills.begin('shared', 5_000))
    await until(fills.land('shared', token, { head: headOf(), body: streamOf('he', 'llo') }))
    for (const follower of followers) {
      const turn = await until(follower)
      expect(turn).toMatchObject({ kind: 'follow', answer: { head: headOf() } })
      if (turn.kind === 'follow') expect(await textOf(turn.answer)).toBe('hello')
    }
  })

  test('each key has a leader of its own', async () => {
    const { fills, until } = make()
    const turns = await until(Promise.all(['a', 'b', 'c'].map((key) => fills.begin(key, 5_000))))
    expect(turns.map(({ kind }) => kind)).toEqual(['lead', 'lead', 'lead'])
  })

  test('who comes right after the landing is handed it as well', async () => {
    const { fills, until } = make()
    const token = tokenOf(await until(fills.begin('late', 5_000)))
    await until(fills.land('late', token, { head: headOf(), body: bytesOf('x') }))
    expect(await until(fills.begin('late', 5_000))).toMatchObject({ kind: 'follow' })
  })

  test('what was forgotten is handed to nobody', async () => {
    const { fills, until } = make()
    const token = tokenOf(await until(fills.begin('forgotten', 5_000)))
    await until(fills.land('forgotten', token, { head: headOf(), body: bytesOf('x') }))
    await until(fills.forget('forgotten'))
    expect(await until(fills.begin('forgotten', 5_000))).toMatchObject({ kind: 'lead' })
  })

  test('a leader that comes to nothing frees its followers at once, and the next one leads', async () => {
    const { fills, until } = make()
    const token = tokenOf(await until(fills.begin('nothing', 5_000)))
    const follower = fills.begin('nothing', 30_000)
    await until(fills.land('nothing', token, null))
    expect(await until(follower)).toEqual({ kind: 'alone' })
    expect(await until(fills.begin('nothing', 5_000))).toMatchObject({ kind: 'lead' })
  })

  test('a body above a mebibyte is handed to nobody', async () => {
    const { fills, until } = make()
    const token = tokenOf(await until(fills.begin('large', 5_000)))
    const follower = fills.begin('large', 5_000)
    await until(fills.land('large', token, { head: headOf(), body: new ArrayBuffer(1_048_577) }))
    expect(await until(follower)).toEqual({ kind: 'alone' })
  })

  test('a leader that hangs frees its followers after their time, and the next one leads', async () => {
    const { fills, until } = make()
    await until(fills.begin('hangs', 100))
    expect(await until(fills.begin('hangs', 50))).toEqual({ kind: 'alone' })
    expect(await until(fills.begin('hangs', 5_000))).toEqual({ kind: 'alone' })
    expect(await until(fills.begin('hangs', 5_000))).toMatchObject({ kind: 'lead' })
  })

  test('a leader whose time is over lands nothing', async () => {
    const { fills, until } = make()
    const token = tokenOf(await until(fills.begin('over', 20)))
    expect(await until(fills.begin('over', 5_000))).toEqual({ kind: 'alone' })
    const next = tokenOf(await until(fills.begin('over', 5_000)))
    await until(fills.land('over', token, { head: headOf({ status: 410 }), body: null }))
    const follower = fills.begin('over', 5_000)
    await until(fills.land('over', next, { head: headOf(), body: null }))
    expect(await until(follower)).toMatchObject({ kind: 'follow', answer: { head: headOf() } })
  })
}
