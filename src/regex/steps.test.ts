/**
 * The promise of the check, kept by a backtracking matcher that counts its steps: for expressions that pass,
 * steps grow no faster than the text. Texts are pumped from the expression's own characters.
 */
import { expect, test } from 'vitest'
import { contains } from './char-set.ts'
import { checkLinear } from './linear.ts'
import { nodesOf, parseRegex, type RegexNode } from './parse.ts'

const MAX_STEPS = 3_000_000

class TooManySteps extends Error {}

/** Steps of a search, alternatives in the order of ECMA-262 §22.2.2; stops at MAX_STEPS. */
function countSteps(tree: RegexNode, text: string): { steps: number; found: boolean } {
  let steps = 0
  type Then = (at: number) => boolean
  const run = (node: RegexNode, at: number, then: Then): boolean => {
    if (++steps > MAX_STEPS) throw new TooManySteps()
    switch (node.kind) {
      case 'set':
        return at < text.length && contains(node.set, text.charCodeAt(at)) && then(at + 1)
      case 'sequence': {
        const from = (index: number, place: number): boolean => {
          const item = node.items[index]
          return item === undefined
            ? then(place)
            : run(item, place, (next) => from(index + 1, next))
        }
        return from(0, at)
      }
      case 'choice':
        return node.options.some((option) => run(option, at, then))
      case 'repeat': {
        const again = (count: number, place: number): boolean => {
          const more =
            count < node.most &&
            run(node.item, place, (next) =>
              count >= node.least && next === place ? false : again(count + 1, next),
            )
          return more || (count >= node.least && then(place))
        }
        return again(0, at)
      }
      case 'start':
        return at === 0 && then(at)
      case 'end':
        return at === text.length && then(at)
      default:
        throw new Error(`not generated: ${node.kind}`)
    }
  }
  try {
    const found = Array.from({ length: text.length + 1 }, (_, at) => at).some((at) =>
      run(tree, at, () => true),
    )
    return { steps, found }
  } catch (error) {
    if (error instanceof TooManySteps) return { steps, found: false }
    throw error
  }
}

/** A small generator of 32-bit numbers (xorshift), so that a printed seed repeats a run. */
function makeRandom(seed: number) {
  let state = seed | 1
  return (below: number) => {
    state ^= state << 13
    state ^= state >>> 17
    state ^= state << 5
    return (state >>> 0) % below
  }
}

function randomSource(random: (below: number) => number, depth = 0): string {
  const kind = random(depth > 3 ? 4 : 10)
  if (kind < 3) return 'abc'[random(3)] as string
  if (kind === 3) return random(2) === 0 ? '[ab]' : '.'
  if (kind < 6) return randomSource(random, depth + 1) + randomSource(random, depth + 1)
  const one = randomSource(random, depth + 1)
  if (kind === 6) return `(?:${one}|${randomSource(random, depth + 1)})`
  return `(?:${one})${['*', '+', '?', '{2}', '{0,2}', '*?', '{2,}', '+'][random(8)]}`
}

const seed = Number(process.env.SEED ?? Date.now() % 1_000_000)

test(`expressions that pass take steps in proportion to the text (SEED=${seed})`, () => {
  const random = makeRandom(seed * 2_654_435_761)
  let passed = 0
  for (let round = 0; round < 1500; round++) {
    const anchor = random(2) === 0 ? '^' : ''
    const source = `${anchor}${randomSource(random)}${['', '$', 'd'][random(3)]}`
    if (checkLinear(source).kind === 'refused') continue
    passed++
    const tree = parseRegex(source)
    const size = [...nodesOf(tree)].length
    for (let text = 0; text < 6; text++) {
      const word = Array.from({ length: 1 + random(4) }, () => 'abc'[random(3)]).join('')
      const end = ['', 'd', 'a'][random(3)] as string
      const short = countSteps(tree, word.repeat(20) + end)
      const long = countSteps(tree, word.repeat(160) + end)
      // Eight times the text; a polynomial would take sixty-four times the steps.
      expect(long.steps, `${source} on ${word}, SEED=${seed}`).toBeLessThan(
        16 * short.steps + 200 * size,
      )
    }
  }
  expect(passed).toBeGreaterThan(100)
})

test(`the step counter finds what the engine finds (SEED=${seed})`, () => {
  const random = makeRandom(seed + 1)
  for (let round = 0; round < 300; round++) {
    const source = randomSource(random)
    const text = Array.from({ length: 6 }, () => 'abcd'[random(4)]).join('')
    const { found, steps } = countSteps(parseRegex(source), text)
    if (steps > MAX_STEPS) continue
    expect(found, `${source} on ${text}, SEED=${seed}`).toBe(new RegExp(source, 'u').test(text))
  }
})

test.each([
  ['^(a+)+$', 20],
  ['^(a|aa)+$', 24],
  ['^a*a*$', 200],
  ['a+b', 200],
  ['^(?:a?){20}a{20}', 19],
])('the step counter shows what is wrong with %s', (source, length) => {
  const { steps } = countSteps(parseRegex(source), `${'a'.repeat(length)}!`)
  expect(steps).toBeGreaterThan(200 * length)
})
