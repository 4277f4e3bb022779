/**
 * Reads JSON (RFC 8259), for files also with comments and trailing commas. Not JSON.parse: that keeps the
 * last of two equal keys in silence, so that an operator loses a route without a word, and it cannot say
 * where a value stands.
 */

export type Path = readonly (string | number)[]

export type JsonReading =
  | { readonly kind: 'read'; readonly value: unknown; readonly duplicates: readonly Path[] }
  | {
      readonly kind: 'broken'
      /** Where the reader stood in the document. */
      readonly path: Path
      /** Where the reader stood in the text. */
      readonly offset: number
      readonly found: string
      readonly expected: string
    }

export interface JsonReadingOptions {
  /** Whether comments and trailing commas are allowed. */
  readonly comments: boolean
  /** Told of each member (at its key) and each element (at its value), in the order of the text. */
  readonly onPlace?: (path: Path, offset: number) => void
}

/** The value of the text, or the first place where it is no JSON. */
export function readJson(text: string, options: JsonReadingOptions): JsonReading {
  const reader = new JsonReader(text, options)
  try {
    const value = reader.document()
    return { kind: 'read', value, duplicates: reader.duplicates }
  } catch (error) {
    if (!(error instanceof Broken)) throw error
    const { offset, found, expected } = error
    return { kind: 'broken', path: [...reader.path], offset, found, expected }
  }
}

// A table is five levels deep; JSON in `respond` may be deeper. The bound keeps the call stack safe.
const MAX_DEPTH = 200

const NUMBER = /-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?/y
const BLANK = /[ \t\n\r]+/y
const PLAIN_CHARACTERS = /[^"\\\u0000-\u001f]*/y
const ESCAPE = /\\(?:["\\/bfnrt]|u[0-9A-Fa-f]{4})/y

/** Leaves the recursion of the reader; never leaves this file. */
class Broken {
  readonly offset: number
  readonly found: string
  readonly expected: string
  constructor(offset: number, found: string, expected: string) {
    this.offset = offset
    this.found = found
    this.expected = expected
  }
}

class JsonReader {
  readonly duplicates: Path[] = []
  readonly path: (string | number)[] = []
  readonly #text: string
  readonly #options: JsonReadingOptions
  #at = 0

  constructor(text: string, options: JsonReadingOptions) {
    this.#text = text
    this.#options = options
    // Some editors on Windows still write a byte order mark (RFC 8259 §8.1: a parser may ignore it).
    if (text.charCodeAt(0) === 0xfeff) this.#at = 1
  }

  document(): unknown {
    const value = this.#value()
    this.#blank()
    if (this.#at < this.#text.length) this.#fail('the end of the document')
    return value
  }

  #value(): unknown {
    this.#blank()
    const character = this.#text[this.#at]
    switch (character) {
      case '{':
        return this.#object()
      case '[':
        return this.#array()
      case '"':
        return this.#string()
      case 't':
        return this.#word('true', true)
      case 'f':
        return this.#word('false', false)
      case 'n':
        return this.#word('null', null)
      default: {
        const number = this.#match(NUMBER)
        return number === null ? this.#fail('a value') : Number(number)
      }
    }
  }

  #object(): Record<string, unknown> {
    const object: Record<string, unknown> = {}
    this.#open()
    this.#blank()
    while (!this.#take('}')) {
      this.#member(object)
      this.#separator('}', 'a key in double quotes')
    }
    return object
  }

  #member(object: Record<string, unknown>) {
    const start = this.#at
    if (this.#text[start] !== '"') this.#fail('a key in double quotes, or "}"')
    const key = this.#string()
    this.path.push(key)
    this.#options.onPlace?.(this.path, start)
    this.#blank()
    if (!this.#take(':')) this.#fail('":"')
    const value = this.#value()
    if (Object.hasOwn(object, key)) this.duplicates.push([...this.path])
    // Plain assignment to this key would set the prototype instead.
    if (key === '__proto__') {
      Object.defineProperty(object, key, { value, enumerable: true, configurable: true })
    } else object[key] = value
    this.path.pop()
  }

  #array(): unknown[] {
    const array: unknown[] = []
    this.#open()
    this.#blank()
    while (!this.#take(']')) {
      this.path.push(array.length)
      this.#options.onPlace?.(this.path, this.#at)
      array.push(this.#value())
      this.path.pop()
      this.#separator(']', 'a value')
    }
    return array
  }

  #open() {
    if (this.path.length >= MAX_DEPTH) this.#fail(`at most ${MAX_DEPTH} levels`)
    this.#at++
  }

  /** After a member or element: a comma and more, or the end of the list, which is left in place. */
  #separator(end: string, more: string) {
    this.#blank()
    if (this.#text[this.#at] === end) return
    if (!this.#take(',')) this.#fail(`"," or "${end}"`)
    this.#blank()
    if (!this.#options.comments && this.#text[this.#at] === end) this.#fail(more)
  }

  #string(): string {
    const start = this.#at++
    for (;;) {
      this.#match(PLAIN_CHARACTERS)
      if (this.#take('"')) break
      if (this.#match(ESCAPE) !== null) continue
      const isEscape = this.#text[this.#at] === '\\'
      this.#fail(isEscape ? 'an escape of JSON such as \\n or \\u00e9' : 'the closing double quote')
    }
    const raw = this.#text.slice(start, this.#at)
    return raw.includes('\\') ? (JSON.parse(raw) as string) : raw.slice(1, -1)
  }

  #word<T>(word: string, value: T): T {
    if (!this.#text.startsWith(word, this.#at)) this.#fail('a value')
    this.#at += word.length
    return value
  }

  #blank() {
    for (;;) {
      this.#match(BLANK)
      if (!this.#options.comments || this.#text[this.#at] !== '/') return
      if (this.#text.startsWith('//', this.#at)) {
        const end = this.#text.indexOf('\n', this.#at)
        this.#at = end === -1 ? this.#text.length : end
      } else if (this.#text.startsWith('/*', this.#at)) {
        const end = this.#text.indexOf('*/', this.#at + 2)
        if (end === -1) this.#fail('a comment that ends with "*/"')
        this.#at = end + 2
      } else return
    }
  }

  #match(pattern: RegExp): string | null {
    pattern.lastIndex = this.#at
    const found = pattern.exec(this.#text)
    if (found === null) return null
    this.#at = pattern.lastIndex
    return found[0]
  }

  #take(character: string): boolean {
    if (this.#text[this.#at] !== character) return false
    this.#at++
    return true
  }

  #fail(expected: string): never {
    const code = this.#text.codePointAt(this.#at)
    throw new Broken(this.#at, code === undefined ? 'the end of the text' : shown(code), expected)
  }
}

// One character only: a value that lost its quotes may be a secret.
function shown(code: number): string {
  if (code === 0x0a || code === 0x0d) return 'the end of the line'
  if (code === 0x22) return 'a string'
  if (code < 0x20) return `the control character U+${code.toString(16).padStart(4, '0')}`
  return JSON.stringify(String.fromCodePoint(code))
}
