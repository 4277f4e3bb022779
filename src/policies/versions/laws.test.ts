/** Laws of chains: what goes up and comes down is the same again, and a chain is its single steps. */
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { makeExchange } from '../../../test/exchange.ts'
import { bindSteps } from '../../shape/steps.ts'
import { bindChains } from './chain.ts'
import type { VersionOptions, VersionsOptions } from './schema.ts'

const ordered = ['v1', 'v2', 'v3', 'v4']

type Request = NonNullable<VersionOptions['request']>
type Response = NonNullable<VersionOptions['response']>

/** Pairs of steps of which one undoes the other, on values that have none of the new names. */
const inverse: readonly (readonly [up: Request, down: Response])[] = [
  [{ rename: { a: 'alpha' } }, { rename: { alpha: 'a' } }],
  [{ rename: { 'b.c': 'gamma' } }, { rename: { 'b.gamma': 'c' } }],
  [{ wrap: 'data' }, { unwrap: 'data' }],
  [{ wrap: 'meta.data' }, { unwrap: 'meta.data' }],
]

const value = fc.record({
  a: fc.jsonValue(),
  b: fc.oneof(fc.record({ c: fc.jsonValue() }), fc.array(fc.record({ c: fc.integer() }))),
})

const three = fc.tuple(...[0, 1, 2].map(() => fc.integer({ min: 0, max: 1 })))

/** Wraps come last: below them the paths of the others would lead nowhere. */
const picks = three.map(([one = 0, two = 0, wrap = 0]) => [
  one,
  two === one ? 1 - one : two,
  2 + wrap,
])

function chainsOf(chosen: readonly number[]) {
  const versions: VersionsOptions['versions'] = Object.fromEntries(
    ordered.map((name, index) => {
      const pair = index === 0 ? undefined : inverse[chosen[index - 1] as number]
      return [name, pair === undefined ? {} : { request: pair[0], response: pair[1] }]
    }),
  )
  return bindChains(ordered, { use: 'versions', from: { header: 'V' }, versions })
}

const plain = (input: unknown) => JSON.parse(JSON.stringify(input)) as unknown

test('what goes up and comes down again is what it was', async () => {
  const at = { exchange: makeExchange(), now: 0 }
  await fc.assert(
    fc.asyncProperty(picks, value, fc.nat({ max: 3 }), async (chosen, input, from) => {
      const chain = chainsOf(chosen)[from]!
      const up = await chain.up.apply(plain(input), at)
      if (up.kind !== 'shaped') throw new Error(up.code)
      expect(await chain.down.apply(up.value, at)).toEqual({
        kind: 'shaped',
        value: plain(input),
      })
    }),
  )
})

test('a chain is its single steps by hand', async () => {
  const at = { exchange: makeExchange(), now: 0 }
  await fc.assert(
    fc.asyncProperty(picks, value, async (chosen, input) => {
      const chain = chainsOf(chosen)[0]!
      let byHand = plain(input)
      for (const index of chosen) {
        const shaped = await bindSteps(inverse[index]![0]).apply(byHand, at)
        if (shaped.kind !== 'shaped') throw new Error(shaped.code)
        byHand = shaped.value
      }
      expect(await chain.up.apply(plain(input), at)).toEqual({
        kind: 'shaped',
        value: byHand,
      })
    }),
  )
})

test('the newest version has nothing to do', () => {
  const newest = chainsOf([0, 1, 2]).at(-1)
  expect(newest).toMatchObject({
    query: [],
    up: { isEmpty: true },
    down: { isEmpty: true },
    lowering: null,
    statusOf: null,
  })
})
