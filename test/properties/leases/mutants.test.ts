/** The simulation notices each broken rule, and nothing else on the same settings. */
import { afterEach, expect, test, vi } from 'vitest'
import { mutants } from './mutants.ts'
import { World } from './world.ts'

afterEach(() => vi.restoreAllMocks())

const seeds = [1, 2, 3]

test.each(mutants)('caught: $title', ({ setting, make }) => {
  const caught = seeds.filter((seed) => {
    const world = new World(setting, seed, make()).run()
    vi.restoreAllMocks()
    return world.excess() > 0 || world.unaccounted.length > 0
  })
  expect(caught).not.toEqual([])
})

test.each(mutants)('without the fault nothing is wrong there: $title', ({ setting }) => {
  for (const seed of seeds) {
    const world = new World(setting, seed).run()
    expect(world.unaccounted).toEqual([])
    expect(world.excess()).toBeLessThanOrEqual(0)
  }
})
