/**
 * Structured field values (RFC 9651, which replaces RFC 8941): parses dictionaries and writes their members as the
 * one text that stands for them. Strict: what is not exactly in the grammar is no dictionary at all (§4.2). Pure.
 */
import { base64Of, bytesOfBase64 } from './base64.ts'

/** `sf-token` and `sf-date` are told from strings and integers by their shape. */
export type BareItem =
  | { readonly kind: 'integer'; readonly value: number }
  | { readonly kind: 'decimal'; readonly value: number }
  | { readonly kind: 'string'; readonly value: string }
  | { readonly kind: 'token'; readonly value: string }
  | { readonly kind: 'bytes'; readonly value: Uint8Array<ArrayBuffer> }
  | { readonly kind: 'boolean'; readonly value: boolean }
  | { readonly kind: 'date'; readonly value: number }

/** In the order in which they were written; of a repeated key the last value, at the first place (§4.2.3.2). */
export type Parameters = ReadonlyMap<string, BareItem>

export interface Item {
  readonly kind: 'item'
  readonly value: BareItem
  readonly parameters: Parameters
}

export interface InnerList {
  readonly kind: 'list'
  readonly items: readonly Item[]
  readonly parameters: Parameters
}

export type Dictionary = ReadonlyMap<string, Item | InnerList>

/** The dictionary, or null where the text is none. Repeated fields are joined by "," before (§4.2). */
export function parseDictionary(text: string): Dictionary | null {
  const parser = new Parser(text)
  try {
    return parser.dictionary()
  } catch (error) {
    if (error === malformed) return null
    throw error
  }
}

const malformed = new Error('the text is no structured field')

const KEY = /[a-z*][a-z0-9_.*-]*/y
const NUMBER = /-?\d{1,15}(?!\d)(?:\.(\d{1,3})(?!\d))?/y
const STRING = /"((?:[\x20\x21\x23-\x5b\x5d-\x7e]|\\["\\])*)"/y
const TOKEN = /[A-Za-z*][A-Za-z0-9!#$%&'*+\-.^_`|~:/]*/y
const BYTES = /:([A-Za-z0-9+/]*={0,2}):/y
const BOOLEAN = /\?([01])/y
const SPACES = / */y
const OPTIONAL_WHITESPACE = /[ \t]*/y

/** Reads from left to right; each expression is sticky, so that every character is looked at a bounded number of times. */
class Parser {
  readonly #text: string
  #at = 0

  constructor(text: string) {
    this.#text = text.replace(/^ +| +$/g, '')
  }

  dictionary(): Dictionary {
    const members = new Map<string, Item | InnerList>()
    while (this.#at < this.#text.length) {
      const key = this.#take(KEY)[0]
      // A member without "=" is the boolean true, with its parameters (§4.2.2).
      const member = this.#skip('=') ? this.#member() : this.#flag()
      members.set(key, member)
      this.#take(OPTIONAL_WHITESPACE)
      if (this.#at === this.#text.length) return members
      if (!this.#skip(',')) throw malformed
      this.#take(OPTIONAL_WHITESPACE)
      // A comma at the end has no member behind it.
      if (this.#at === this.#text.length) throw malformed
    }
    return members
  }

  #member(): Item | InnerList {
    return this.#skip('(') ? this.#innerList() : this.#item()
  }

  #flag(): Item {
    return {
      kind: 'item',
      value: { kind: 'boolean', value: true },
      parameters: this.#parameters(),
    }
  }

  #innerList(): InnerList {
    const items: Item[] = []
    for (;;) {
      this.#take(SPACES)
      if (this.#skip(')')) return { kind: 'list', items, parameters: this.#parameters() }
      if (this.#at === this.#text.length) throw malformed
      items.push(this.#item())
      if (!/[ )]/.test(this.#text[this.#at] ?? '')) throw malformed
    }
  }

  #item(): Item {
    const value = this.#bareItem()
    return { kind: 'item', value, parameters: this.#parameters() }
  }

  #parameters(): Parameters {
    const parameters = new Map<string, BareItem>()
    while (this.#skip(';')) {
      this.#take(SPACES)
      const key = this.#take(KEY)[0]
      const value = this.#skip('=') ? this.#bareItem() : ({ kind: 'boolean', value: true } as const)
      parameters.set(key, value)
    }
    return parameters
  }

  #bareItem(): BareItem {
    const first = this.#text[this.#at] ?? ''
    if (first === '"') {
      const [, inner = ''] = this.#take(STRING)
      return { kind: 'string', value: inner.replace(/\\(.)/g, '$1') }
    }
    if (first === ':') return { kind: 'bytes', value: bytesOf(this.#take(BYTES)[1] ?? '') }
    if (first === '?') return { kind: 'boolean', value: this.#take(BOOLEAN)[1] === '1' }
    if (first === '@') return this.#date()
    return /[-0-9]/.test(first) ? this.#number() : { kind: 'token', value: this.#take(TOKEN)[0] }
  }

  #number(): BareItem {
    const [text, fraction] = this.#take(NUMBER)
    if (fraction === undefined) return { kind: 'integer', value: Number(text) }
    // At most twelve digits before the point (§4.2.4).
    if (text.replace('-', '').indexOf('.') > 12) throw malformed
    return { kind: 'decimal', value: Number(text) }
  }

  #date(): BareItem {
    this.#at++
    const number = this.#number()
    if (number.kind !== 'integer') throw malformed
    return { kind: 'date', value: number.value }
  }

  #skip(character: string): boolean {
    if (this.#text[this.#at] !== character) return false
    this.#at++
    return true
  }

  #take(expression: RegExp): RegExpExecArray {
    expression.lastIndex = this.#at
    const found = expression.exec(this.#text)
    if (found === null) throw malformed
    this.#at = expression.lastIndex
    return found
  }
}

/** The bytes of Base64; padding may be missing (§4.2.7). */
function bytesOf(base64: string): Uint8Array<ArrayBuffer> {
  const bytes = bytesOfBase64(base64)
  if (bytes === null) throw malformed
  return bytes
}

/** A member as it is written (§4.1): the same for every text that means it. */
export function writeMember(member: Item | InnerList): string {
  if (member.kind === 'item') return writeItem(member)
  return `(${member.items.map(writeItem).join(' ')})${writeParameters(member.parameters)}`
}

export function writeItem({ value, parameters }: Item): string {
  return writeBareItem(value) + writeParameters(parameters)
}

function writeParameters(parameters: Parameters): string {
  let text = ''
  for (const [key, value] of parameters) {
    const isTrue = value.kind === 'boolean' && value.value
    text += isTrue ? `;${key}` : `;${key}=${writeBareItem(value)}`
  }
  return text
}

function writeBareItem(item: BareItem): string {
  switch (item.kind) {
    case 'integer':
      return String(item.value)
    case 'decimal':
      return Number.isInteger(item.value) ? item.value.toFixed(1) : String(item.value)
    case 'string':
      return `"${item.value.replace(/["\\]/g, '\\$&')}"`
    case 'token':
      return item.value
    case 'bytes':
      return `:${base64Of(item.value)}:`
    case 'boolean':
      return item.value ? '?1' : '?0'
    case 'date':
      return `@${item.value}`
  }
}
