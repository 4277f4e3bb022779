/** Text to the library's program, and what was expected where the text is none. */
import { libraryAtHand, type Program, parseText } from './library.ts'
import { CutRegex } from './regex.ts'

export interface Invalid {
  readonly kind: 'invalid'
  /** Index of the first character of the place. */
  readonly at: number
  /** What was expected: a noun phrase. */
  readonly reason: string
}

export function invalid(at: number | undefined, reason: string): Invalid {
  return { kind: 'invalid', at: at ?? 0, reason }
}

const MAX_TEXT = 65_536 // 64 KiB of one expression is a program; larger ones make start-up slow.

export function parseExpression(text: string): { kind: 'program'; program: Program } | Invalid {
  if (text.length > MAX_TEXT)
    return invalid(MAX_TEXT, `an expression of at most ${MAX_TEXT} characters`)
  // The names of functions that are put in by `rewrite.ts` begin with it.
  const nul = text.indexOf('\0')
  if (nul !== -1) return invalid(nul, 'an expression without the character NUL')
  libraryAtHand() // Its absence is not the text's fault.
  try {
    return { kind: 'program', program: parseText(text, CutRegex) }
  } catch (thrown) {
    return explain(thrown, text)
  }
}

function explain(thrown: unknown, text: string): Invalid {
  // From `new RegExp`, and from the parser, which calls itself for each bracket.
  if (thrown instanceof SyntaxError) return invalid(0, 'a regular expression of JavaScript')
  if (thrown instanceof RangeError) return invalid(0, 'an expression that nests less deeply')
  const { code, position = 0, value, token } = thrown as LibraryError
  if (code === undefined) return invalid(position, 'a JSONata expression')
  const closing = code === 'S0202' || code === 'S0203'
  const reason = closing
    ? `"${String(value)}"`
    : (reasons[code] ?? `a JSONata expression (${code})`)
  // The library tells where a token ends.
  const written = String(token ?? '')
  const at = position - written.length
  return invalid(text.slice(at, position) === written ? at : position, reason)
}

interface LibraryError {
  readonly code?: string
  readonly position?: number
  readonly value?: unknown
  readonly token?: unknown
}

/** By the library's code, what it misses. */
const reasons: Readonly<Record<string, string>> = {
  S0101: 'the quotation mark that ends the text',
  S0102: 'a number that is not too large',
  S0103: 'an escape that JSON has after "\\"',
  S0104: 'four hexadecimal digits after "\\u"',
  S0105: 'the backquote that ends the name',
  S0106: '"*/" at the end of the comment',
  S0201: 'an operator, or the end of the expression',
  S0204: 'an operator of JSONata',
  S0205: 'another token',
  S0206: 'an expression',
  S0207: 'more of the expression',
  S0208: 'a variable such as $x as parameter of the function',
  S0209: 'no filter after a group-by',
  S0210: 'one group-by in a step',
  S0211: 'a value before this operator',
  S0212: 'a variable such as $x before ":="',
  S0213: 'a name as step of the path',
  S0214: 'a variable such as $x after this operator',
  S0215: 'the variable before the filters',
  S0216: 'the variable before the sorting',
  S0217: 'a step whose parent is known before "%"',
  S0301: 'a regular expression between "/" and "/"',
  S0302: '"/" at the end of the regular expression',
  S0401: 'types after "a" or "f" alone in the signature',
  S0402: 'no types within a choice in the signature',
}
