/** Built-in functions on text in place of the library's: what they make is measured before it is made. */
import { runOf } from './functions-values.ts'
import type { Applicable, Focus, Native } from './library.ts'
import type { Run } from './run.ts'

/** What a regular expression, or a function in its place, finds. */
interface Match {
  readonly match: string
  readonly start: number
  readonly end: number
  readonly groups: readonly (string | undefined)[]
  readonly next: Applicable
}

type Found = Match | undefined

async function find(focus: Focus, matcher: Applicable, args: readonly unknown[]): Promise<Found> {
  return (await matcher.apply(focus, args)) as Found
}

export const textFunctions: Readonly<Record<string, Native>> = {
  join: function (this: Focus, texts: readonly string[] | undefined, separator = '') {
    if (texts === undefined) return undefined
    let length = separator.length * texts.length
    for (const text of texts) length += text.length
    runOf(this).spendText(length)
    return texts.join(separator)
  },
  split: async function (
    this: Focus,
    text: string | undefined,
    separator: string | Applicable,
    limit: number | undefined,
  ) {
    if (text === undefined) return undefined
    if (limit !== undefined && limit < 0) throw { code: 'D3020' }
    const most = limit ?? Number.POSITIVE_INFINITY
    if (most <= 0) return []
    const run = runOf(this)
    if (typeof separator === 'string') {
      run.spendList(Math.min(most, countOf(text, separator) + 1))
      return text.split(separator, limit)
    }
    const pieces: string[] = []
    let from = 0
    for (let found = await find(this, separator, [text]); found && pieces.length < most; ) {
      run.spend(1)
      pieces.push(text.slice(from, found.start))
      from = found.end
      found = await find(this, found.next, [])
    }
    if (pieces.length < most) pieces.push(text.slice(from))
    return pieces
  },
  replace: async function (
    this: Focus,
    text: string | undefined,
    pattern: string | Applicable,
    replacement: string | Applicable,
    limit: number | undefined,
  ) {
    if (text === undefined) return undefined
    if (pattern === '') throw { code: 'D3010' }
    if (limit !== undefined && limit < 0) throw { code: 'D3011' }
    const most = limit ?? Number.POSITIVE_INFINITY
    const run = runOf(this)
    if (typeof pattern !== 'string') {
      return replaceMatches(this, { text, pattern, replacement, most, run })
    }
    if (typeof replacement !== 'string') throw { code: 'D3012' }
    const count = Math.min(most, countOf(text, pattern))
    run.spendText(text.length + count * (replacement.length - pattern.length))
    return replaceText(text, pattern, replacement, most)
  },
  // The library's reach for `Buffer`, which a Worker lacks.
  base64encode: function (this: Focus, text: string | undefined) {
    if (text === undefined) return undefined
    runOf(this).spendText(2 * text.length)
    for (let at = 0; at < text.length; at++) {
      if (text.charCodeAt(at) > 0xff) throw { code: 'D3137' }
    }
    return btoa(text)
  },
  base64decode: function (this: Focus, text: string | undefined) {
    if (text === undefined) return undefined
    runOf(this).spendText(text.length)
    try {
      return atob(text)
    } catch {
      throw { code: 'D3137' }
    }
  },
}

/** How often a text stands in another; between all characters where it is empty. */
function countOf(text: string, part: string): number {
  if (part === '') return text.length
  let count = 0
  for (let at = text.indexOf(part); at !== -1; at = text.indexOf(part, at + part.length)) count++
  return count
}

function replaceText(text: string, pattern: string, replacement: string, most: number): string {
  const pieces: string[] = []
  let from = 0
  for (let count = 0; count < most; count++) {
    const at = text.indexOf(pattern, from)
    if (at === -1) break
    pieces.push(text.slice(from, at), replacement)
    from = at + pattern.length
  }
  pieces.push(text.slice(from))
  return pieces.join('')
}

async function replaceMatches(
  focus: Focus,
  job: {
    readonly text: string
    readonly pattern: Applicable
    readonly replacement: string | Applicable
    readonly most: number
    readonly run: Run
  },
): Promise<string> {
  const { text, pattern, replacement, most, run } = job
  let made = ''
  let from = 0
  let count = 0
  for (
    let found = most > 0 ? await find(focus, pattern, [text]) : undefined;
    found && count < most;
    count++
  ) {
    run.spend(1)
    const piece =
      typeof replacement === 'string'
        ? expand(replacement, found, run)
        : await replacement.apply(focus, [found])
    if (typeof piece !== 'string') throw { code: 'D3012' }
    made += text.slice(from, found.start) + piece
    run.spendText(made.length)
    from = found.start + found.match.length
    found = await find(focus, found.next, [])
  }
  return made + text.slice(from)
}

/** The replacement with `$$`, `$0` and `$1` filled in, by the library's rules. */
function expand(replacement: string, { match, groups }: Match, run: Run): string {
  let made = ''
  let from = 0
  const digits = groups.length === 0 ? 1 : String(groups.length).length
  for (let at = replacement.indexOf('$'); at !== -1; at = replacement.indexOf('$', from)) {
    made += replacement.slice(from, at)
    from = at + 1
    const next = replacement[from]
    if (next === '$' || next === '0') {
      made += next === '$' ? '$' : match
      from++
    } else {
      let number = Number.parseInt(replacement.slice(from, from + digits), 10)
      if (digits > 1 && number > groups.length) {
        number = Number.parseInt(replacement.slice(from, from + digits - 1), 10)
      }
      if (Number.isNaN(number)) made += '$'
      else {
        made += groups[number - 1] ?? ''
        from += String(number).length
      }
    }
    run.spendText(made.length)
  }
  return made + replacement.slice(from)
}
