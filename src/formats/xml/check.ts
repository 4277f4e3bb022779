/**
 * Whether a text is a well-formed document of XML 1.0, within bounds, before any parser sees it: one pass from left to
 * right that makes nothing. A DOCTYPE is refused whatever it says, so that there is no entity to expand and nothing to
 * fetch. Comments and processing instructions are cut out. Pure.
 */
import { type Invalid, invalid, MAX_DEPTH } from '../format.ts'
import { isXmlText, QNAME } from './names.ts'

/** Elements and attributes of a document: a body of 1 MiB that is nothing but `<a/>` has 262,144. */
const MAX_NODES = 100_000
/** Of one element. */
const MAX_ATTRIBUTES = 256

/** `text` has elements, text and CDATA sections, and nothing else. */
export type Checked = { readonly kind: 'sound'; readonly text: string } | Invalid

export function checkXml(text: string): Checked {
  if (!isXmlText(text)) return invalid('it holds a character that XML has not')
  return new Check(text).run()
}

const DECLARATION =
  /^<\?xml[ \t\r\n]+version[ \t\r\n]*=[ \t\r\n]*(?:"1\.0"|'1\.0')(?:[ \t\r\n]+encoding[ \t\r\n]*=[ \t\r\n]*(?:"[A-Za-z][\w.-]*"|'[A-Za-z][\w.-]*'))?(?:[ \t\r\n]+standalone[ \t\r\n]*=[ \t\r\n]*(?:"(?:yes|no)"|'(?:yes|no)'))?[ \t\r\n]*\?>/
const TARGET = new RegExp(`<\\?(${QNAME})(?=[ \\t\\r\\n]|\\?>)`, 'uy')
const OPEN = new RegExp(`<(${QNAME})`, 'uy')
const CLOSE = new RegExp(`</(${QNAME})[ \\t\\r\\n]*>`, 'uy')
const ATTRIBUTE = new RegExp(
  `[ \\t\\r\\n]+(${QNAME})[ \\t\\r\\n]*=[ \\t\\r\\n]*(?:"([^<"]*)"|'([^<']*)')`,
  'uy',
)
const END = /[ \t\r\n]*(\/?)>/y
const REFERENCE = /&(?:amp|lt|gt|quot|apos|#([0-9]{1,7})|#x([0-9A-Fa-f]{1,6}));/y

class Check {
  readonly #text: string
  #at = 0
  #nodes = 0
  #hasRoot = false
  /** Names of the elements that are open, outermost first. */
  readonly #open: string[] = []
  /** What is left, from where the last cut ended; and what stands before that. */
  #kept = 0
  #before = ''

  constructor(text: string) {
    this.#text = text
  }

  run(): Checked {
    const declaration = DECLARATION.exec(this.#text)
    if (declaration !== null) this.#cut(declaration[0].length)
    while (this.#at < this.#text.length) {
      const problem = this.#chunk() ?? this.#markup()
      if (problem !== null) return invalid(`${problem}, at character ${this.#at + 1}`)
    }
    if (!this.#hasRoot) return invalid('it has no root element')
    if (this.#open.length > 0) return invalid('it ends within an element')
    return { kind: 'sound', text: this.#before + this.#text.slice(this.#kept) }
  }

  /** Text up to the next "<". */
  #chunk(): string | null {
    const next = this.#text.indexOf('<', this.#at)
    const end = next === -1 ? this.#text.length : next
    if (end === this.#at) return null
    const chunk = this.#text.slice(this.#at, end)
    if (this.#open.length === 0) {
      if (/[^ \t\r\n]/.test(chunk)) return 'it has text outside of the root element'
    } else {
      if (chunk.includes(']]>')) return 'it has "]]>" in text'
      if (!areReferencesKnown(chunk)) return 'it has an entity that XML does not define by itself'
    }
    this.#at = end
    return null
  }

  #markup(): string | null {
    if (this.#at === this.#text.length) return null
    const sign = this.#text[this.#at + 1]
    if (sign === '/') return this.#closing()
    if (sign === '?') return this.#instruction()
    if (sign !== '!') return this.#opening()
    if (this.#text.startsWith('<!--', this.#at)) return this.#comment()
    if (this.#text.startsWith('<![CDATA[', this.#at)) return this.#cdata()
    return 'it has a document type declaration, which is not read'
  }

  #opening(): string | null {
    const name = this.#take(OPEN)?.[1]
    if (name === undefined) return 'it has a "<" that begins no element'
    if (this.#open.length === 0 && this.#hasRoot) return 'it has a second root element'
    this.#hasRoot = true
    const problem = this.#attributes()
    if (problem !== null) return problem
    const end = this.#take(END)
    if (end === null) return 'it has an element that is not written as one'
    if (++this.#nodes > MAX_NODES) return `it has more than ${MAX_NODES} elements and attributes`
    if (end[1] === '/') return null
    this.#open.push(name)
    return this.#open.length > MAX_DEPTH ? `it is nested more than ${MAX_DEPTH} levels deep` : null
  }

  #attributes(): string | null {
    let names: Set<string> | null = null
    for (;;) {
      const found = this.#take(ATTRIBUTE)
      if (found === null) return null
      const [, name = '', double, single] = found
      names ??= new Set()
      if (names.has(name)) return 'it has an attribute twice in one element'
      names.add(name)
      if (names.size > MAX_ATTRIBUTES)
        return `it has more than ${MAX_ATTRIBUTES} attributes in one element`
      this.#nodes++
      if (!areReferencesKnown(double ?? single ?? '')) {
        return 'it has an entity that XML does not define by itself'
      }
    }
  }

  #closing(): string | null {
    const name = this.#take(CLOSE)?.[1]
    if (name === undefined) return 'it has a "</" that ends no element'
    return name === this.#open.pop() ? null : 'it ends an element that is not the open one'
  }

  #comment(): string | null {
    const end = this.#text.indexOf('--', this.#at + 4)
    if (end === -1 || this.#text[end + 2] !== '>')
      return 'it has a comment that is not written as one'
    this.#cut(end + 3)
    return null
  }

  #cdata(): string | null {
    const end = this.#text.indexOf(']]>', this.#at)
    if (end === -1 || this.#open.length === 0)
      return 'it has a CDATA section out of place or without end'
    this.#at = end + 3
    return null
  }

  #instruction(): string | null {
    const start = this.#at
    const target = this.#take(TARGET)?.[1]
    const end = this.#text.indexOf('?>', this.#at)
    if (target === undefined || end === -1 || /^xml$/i.test(target) || target.includes(':')) {
      this.#at = start
      return 'it has a processing instruction that is not written as one'
    }
    this.#at = start
    this.#cut(end + 2)
    return null
  }

  /** Leaves out what stands from here to `end`. */
  #cut(end: number): void {
    this.#before += this.#text.slice(this.#kept, this.#at)
    this.#kept = end
    this.#at = end
  }

  #take(expression: RegExp): RegExpExecArray | null {
    expression.lastIndex = this.#at
    const found = expression.exec(this.#text)
    if (found !== null) this.#at = expression.lastIndex
    return found
  }
}

/** Whether each "&" begins one of the five entities of XML itself, or names a character that XML has. */
function areReferencesKnown(text: string): boolean {
  let at = text.indexOf('&')
  while (at !== -1) {
    REFERENCE.lastIndex = at
    const found = REFERENCE.exec(text)
    if (found === null) return false
    const [, decimal, hexadecimal] = found
    if (decimal !== undefined && !isCharacter(Number(decimal))) return false
    if (hexadecimal !== undefined && !isCharacter(Number.parseInt(hexadecimal, 16))) return false
    at = text.indexOf('&', REFERENCE.lastIndex)
  }
  return true
}

/** Char of XML 1.0 §2.2. */
function isCharacter(code: number): boolean {
  if (code < 0x20) return code === 0x9 || code === 0xa || code === 0xd
  return (
    code <= 0xd7ff || (code >= 0xe000 && code <= 0xfffd) || (code >= 0x10000 && code <= 0x10ffff)
  )
}
