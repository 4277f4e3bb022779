/** The signs of a GraphQL document (GraphQL, October 2021, §2.1), one after the other; the first that is none ends it. Pure. */

export type TokenKind = 'punctuator' | 'name' | 'number' | 'string' | 'end'

export interface Flaw {
  /** Of the place in the text, from 1. */
  readonly line: number
  readonly column: number
  /** What was expected there: a noun phrase. */
  readonly expected: string
}

export interface Tokens {
  readonly kind: TokenKind
  /** The sign as written; empty at the end. */
  readonly text: string
  /** The first flaw; from then on nothing follows, so that whoever reads comes to his end. */
  readonly flaw: Flaw | null
  advance(): void
  /** Notes the flaw at the present sign. */
  fail(expected: string): void
}

const ignored = /(?:[\uFEFF\t\n\r ,]|#[^\n\r]*)*/y
const forms: readonly (readonly [TokenKind, RegExp])[] = [
  ['name', /[_A-Za-z][_0-9A-Za-z]*/y],
  ['punctuator', /\.\.\.|[!$&():=@[\]{|}]/y],
  ['number', /-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?(?![_0-9A-Za-z.])/y],
  ['string', /"""(?:"{0,2}(?:\\"""|[^"\\]|\\(?!""")))*"""/y],
  // Escapes of code units above U+D7FF come in pairs (§2.9.4).
  [
    'string',
    /"(?!"")(?:[^"\\\n\r]|\\(?:["\\/bfnrt]|u(?![dD][89a-fA-F])[0-9A-Fa-f]{4}|u[dD][89abAB][0-9A-Fa-f]{2}\\u[dD][c-fC-F][0-9A-Fa-f]{2}|u\{0{0,10}(?:10|[0-9A-Fa-f])?[0-9A-Fa-f]{1,4}\}))*"/y,
  ],
]

export function readTokens(document: string): Tokens {
  let at = 0
  let kind: TokenKind = 'end'
  let text = ''
  let flaw: Flaw | null = null

  function match(form: RegExp): string | null {
    form.lastIndex = at
    return form.exec(document)?.[0] ?? null
  }

  function end(): void {
    kind = 'end'
    text = ''
  }

  function fail(expected: string): void {
    flaw ??= { ...placeOf(document, at - text.length), expected }
    end()
  }

  function advance(): void {
    if (flaw !== null) return
    at += match(ignored)?.length ?? 0
    if (at === document.length) {
      end()
      return
    }
    for (const [found, form] of forms) {
      const sign = match(form)
      if (sign === null) continue
      kind = found
      text = sign
      at += sign.length
      return
    }
    text = ''
    fail('a name, a value or a sign of GraphQL')
  }

  advance()
  return {
    get kind() {
      return kind
    },
    get text() {
      return text
    },
    get flaw() {
      return flaw
    },
    advance,
    fail,
  }
}

function placeOf(document: string, at: number): Pick<Flaw, 'line' | 'column'> {
  const lines = document.slice(0, at).split(/\r\n|\n|\r/)
  return { line: lines.length, column: (lines.at(-1)?.length ?? 0) + 1 }
}
