/** What isolates count of copies, and what the object makes of it. */
import { expect, test } from 'vitest'
import type { PartContext } from '../state/part.ts'
import type { MirrorWord } from './core.ts'
import { countCopy, type MirrorRules, mirrorLink, mirrorPart } from './part.ts'

const at = (now: number, upstreams = ['v2']): PartContext<MirrorRules> => ({
  options: { upstreams },
  now,
  fraction: 0.5,
  nonce: 'ab',
})

const word = (more: Partial<MirrorWord> = {}): MirrorWord => ({
  upstream: 'v2',
  sent: 2,
  tooLarge: 0,
  failed: 0,
  compared: 2,
  different: 1,
  samples: [['status 200 500']],
  ...more,
})

const said = (...words: MirrorWord[]) => ({ isolate: 'i', tally: null, word: words })

test('counts of isolates are added up and shown', () => {
  const first = mirrorPart.exchange([], said(word()), at(1_000))
  const second = mirrorPart.exchange(first.state, said(word({ failed: 3 })), at(2_000))
  expect(mirrorPart.show?.(second.state, at(2_000))).toEqual([
    {
      upstream: 'v2',
      sent: 4,
      tooLarge: 0,
      failed: 3,
      compared: 4,
      different: 2,
      samples: [['status 200 500'], ['status 200 500']],
    },
  ])
})

test('differences are told at once, and then at most once a minute', () => {
  const first = mirrorPart.exchange([], said(word()), at(1_000))
  expect(first.notices).toMatchObject([
    {
      notice: 'mirror',
      reason: 'answers-differ',
      detail: { mirror: 'v2', compared: 2, different: 1, samples: [['status 200 500']] },
    },
  ])
  const soon = mirrorPart.exchange(first.state, said(word()), at(60_999))
  expect(soon.notices).toEqual([])
  const later = mirrorPart.exchange(soon.state, said(word()), at(61_000))
  expect(later.notices).toMatchObject([{ detail: { compared: 4, different: 2 } }])
})

test('where nothing differs nothing is told', () => {
  const turn = mirrorPart.exchange([], said(word({ different: 0, samples: [] })), at(1_000))
  expect(turn.notices).toEqual([])
})

test('what the table does not name is not counted, and is forgotten', () => {
  const first = mirrorPart.exchange([], said(word(), word({ upstream: 'x' })), at(1_000))
  expect(first.state).toHaveLength(1)
  expect(mirrorPart.exchange(first.state, said(), at(2_000, ['v3'])).state).toEqual([])
})

test('an isolate tells what it counted once, and again where it did not arrive', () => {
  const local = mirrorLink.start()
  expect(mirrorLink.say(local, 0)).toBeNull()
  countCopy(local, 'v2', { sent: 1, compared: 1, different: 1 }, [['header etag']])
  countCopy(local, 'v2', { tooLarge: 1 })
  const words = mirrorLink.say(local, 0)
  expect(words).toEqual([word({ sent: 1, tooLarge: 1, compared: 1, samples: [['header etag']] })])
  expect(mirrorLink.say(local, 0)).toBeNull()
  mirrorLink.unsay(local, words ?? [])
  expect(mirrorLink.say(local, 0)).toEqual(words)
})
