/**
 * Whether a regular expression may run on a request: the steps of a backtracking engine must grow no faster
 * than the text. The ways in which the expression can have read a text are counted over all texts at once
 * (a subset construction with counts): a count that passes the limit is refused, as are nested loops
 * (exponential) and neighbors that can read the same (polynomial). A search tries every start, so without `^`
 * `a+b` is quadratic too: 32 million steps on 8 KiB, a tenth of a second, and refused. Sound, not complete.
 */
import { type CharSet, contains } from './char-set.ts'
import { nodesOf, optionsOf, parseRegex, type RegexNode, startsAnchored } from './parse.ts'
import { type Positions, positionsOf, type Ways } from './positions.ts'

export type LinearVerdict =
  | { readonly kind: 'linear' }
  | { readonly kind: 'refused'; readonly reason: string }

const linear: LinearVerdict = { kind: 'linear' }

/** Judges one search with the JavaScript regular expression of this source and flag `u`. */
export function checkLinear(source: string): LinearVerdict {
  try {
    new RegExp(source, 'u')
  } catch {
    return refused('it is no JavaScript regular expression with flag "u"')
  }
  const tree = parseRegex(source)
  const outside = notCounted(tree)
  if (outside !== null) return refused(outside)

  const whole = positionsOf(tree)
  if (whole === null) return refused(tooLarge)
  const once = countRuns(whole, 'from-start')
  if (once !== null) return refused(once)

  // The rest of the starts: what is anchored fails there at once, and what matches there ends the search.
  const free = optionsOf(tree).filter((option) => !startsAnchored(option))
  if (free.length === 0) return linear
  const searched = positionsOf({ kind: 'choice', options: free })
  if (searched === null) return refused(tooLarge)
  const everywhere = searched.acceptsAtOnce ? null : countRuns(searched, 'from-everywhere')
  return everywhere === null
    ? linear
    : refused(`${everywhere}, searched from every start; begin with "^"`)
}

function refused(reason: string): LinearVerdict {
  return { kind: 'refused', reason }
}

const tooLarge = 'it is too large; use smaller repetition counts'

function notCounted(tree: RegexNode): string | null {
  for (const node of nodesOf(tree)) {
    if (node.kind === 'unsupported') return `it has ${node.what}`
    // A look is tried at each visit: with a loop inside it could read the whole text each time.
    if (node.kind !== 'look') continue
    for (const inner of nodesOf(node.item)) {
      if (inner.kind === 'repeat') return 'it has a quantifier inside a lookaround'
    }
  }
  return null
}

// How many ways may be open at once. Alternatives with a common start need as many as there are
// alternatives; more than 256 would make 8 KiB cost more than two million steps.
const LEAST_LIMIT = 32
const MOST_LIMIT = 256
// Bounds of the check itself: about 50 ms at worst.
const MAX_STATES = 4000
const MAX_WORK = 2_000_000

/** How many runs of the automaton have read a text and end at each position. */
interface State {
  readonly counts: Ways
  readonly from: State | null
  /** The character that led here. */
  readonly char: number
}

/** Null where the number of open runs is bounded for every text, else why not. */
function countRuns(automaton: Positions, mode: 'from-start' | 'from-everywhere'): string | null {
  const { sets, follow, first, accepting } = automaton
  const limit = Math.min(MOST_LIMIT, Math.max(LEAST_LIMIT, sets.length))
  const everywhere = mode === 'from-everywhere'
  const letters = lettersOf(sets)
  const begin: State = { counts: new Map(), from: null, char: -1 }
  const queue: State[] = [begin]
  const seen = new Set<string>()
  let work = 0

  for (const state of queue) {
    const next = new Map<number, number>()
    const lead = (ways: Ways, times: number) => {
      for (const [to, count] of ways) next.set(to, (next.get(to) ?? 0) + count * times)
      work += ways.size
    }
    if (everywhere || state === begin) lead(first, 1)
    for (const [at, count] of state.counts) lead(follow[at] as Ways, count)
    for (const { char, holds } of letters) {
      const counts = new Map<number, number>()
      let open = 0
      work += next.size
      for (const [to, count] of next) {
        if (!holds.has(sets[to] as CharSet) || (everywhere && accepting.has(to))) continue
        counts.set(to, count)
        open += count
      }
      if (open === 0 && !everywhere) continue
      const reached: State = { counts, from: state, char }
      if (open > limit) return `the ways to read ${shown(reached)} grow with its length`
      const key = keyOf(counts)
      if (seen.has(key)) continue
      seen.add(key)
      queue.push(reached)
    }
    if (seen.size > MAX_STATES || work > MAX_WORK) return 'it is too intricate to be shown linear'
  }
  return null
}

function keyOf(counts: Ways): string {
  return [...counts]
    .sort((a, b) => a[0] - b[0])
    .map(([at, count]) => `${at}:${count}`)
    .join()
}

interface Letter {
  readonly char: number
  readonly holds: ReadonlySet<CharSet>
}

/** One character of each kind that the sets tell apart. */
function lettersOf(sets: readonly CharSet[]): Letter[] {
  const distinct = [...new Set(sets)]
  const borders = new Set<number>([0])
  for (const [first, last] of distinct.flat()) borders.add(first).add(last + 1)
  const letters = new Map<string, Letter>()
  for (const char of [...borders].sort((a, b) => a - b)) {
    const holds = distinct.filter((set) => contains(set, char))
    const key = holds.map((set) => distinct.indexOf(set)).join()
    const known = letters.get(key)
    // A printable character makes the better example.
    if (known === undefined || (known.char < 0x21 && char >= 0x21)) {
      letters.set(key, { char, holds: new Set(holds) })
    }
  }
  return [...letters.values()].filter(({ holds }) => holds.size > 0)
}

/** The first characters of the text that led to a state, as a JSON string. */
function shown(state: State): string {
  const chars: string[] = []
  for (let at: State | null = state; at !== null && at.char >= 0; at = at.from) {
    chars.push(String.fromCodePoint(at.char))
  }
  const text = chars.reverse().slice(0, 12).join('')
  return JSON.stringify(chars.length > 12 ? `${text}…` : text)
}
