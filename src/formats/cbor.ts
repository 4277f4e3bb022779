/**
 * CBOR (RFC 8949) as far as JSON can say it (§6.1): names are text and each stands once, integers are safe ones, bytes
 * become base64url text, undefined becomes null. Of tags, those that only say what a text or number means are left out;
 * any other is refused. Pure.
 */
import { decode, encode, Token, Tokenizer, Type } from 'cborg'
import { base64urlOf } from '../http/base64.ts'
import { type Decoded, type Encoded, invalid, MAX_DEPTH } from './format.ts'

export function readCbor(bytes: ArrayBuffer): Decoded {
  const data = new Uint8Array(bytes)
  try {
    const tokenizer = new BoundedTokenizer(data, reading)
    return { kind: 'value', value: decode(data, { ...reading, tokenizer }) as unknown }
  } catch {
    return invalid('it is no CBOR that a value of JSON stands for')
  }
}

/** Keys in their order, as JSON keeps it; the library would sort them, for those who compare bytes. */
export function writeCbor(value: unknown): Encoded {
  try {
    const bytes = encode(value === undefined ? null : value, {
      ignoreUndefinedProperties: true,
      mapSorter: () => 0,
      typeEncoders: { undefined: () => new Token(Type.null, null) },
    })
    return { kind: 'bytes', bytes: exactBuffer(bytes) }
  } catch {
    return invalid('the value is none of CBOR')
  }
}

/** The buffer of these bytes alone. */
export function exactBuffer(bytes: Uint8Array<ArrayBufferLike>): ArrayBuffer {
  return new Uint8Array(bytes).buffer
}

const content = (decodeContent: () => unknown) => decodeContent()

const reading = {
  allowNaN: false,
  allowInfinity: false,
  allowBigInt: false,
  allowUndefined: true,
  coerceUndefinedToNull: true,
  rejectDuplicateMapKeys: true,
  // A date as text, seconds since 1970, a URI, and the mark that says "this is CBOR".
  tags: { 0: content, 1: content, 32: content, 55799: content },
} as const

/**
 * Counts levels as they open and close: the library reads what is inside by calling itself. Lengths need no bound, since
 * it makes nothing ahead of the bytes that are there.
 */
class BoundedTokenizer extends Tokenizer {
  /** What is still to come on each level that is open; Infinity where a break ends it. */
  readonly #left: number[] = []

  override next(): Token {
    const token = super.next()
    const { type } = token
    if (Type.equals(type, Type.array)) this.#enter(token.value as number)
    else if (Type.equals(type, Type.map)) this.#enter(2 * (token.value as number))
    else if (Type.equals(type, Type.tag)) this.#enter(1)
    else if (Type.equals(type, Type.break)) {
      this.#left.pop()
      this.#leave()
    } else {
      this.#leave()
      if (Type.equals(type, Type.bytes)) return textToken(token)
      if (Type.equals(type, Type.string)) this.#judge(token)
    }
    return token
  }

  #enter(count: number): void {
    if (count === 0) this.#leave()
    else if (this.#left.push(count) > MAX_DEPTH) throw new Error('too deep')
  }

  /** One thing is over, and with it each level of which it was the last. */
  #leave(): void {
    for (let top = this.#left.length - 1; top >= 0; top--) {
      const left = (this.#left[top] ?? 0) - 1
      this.#left[top] = left
      if (left > 0) return
      this.#left.pop()
    }
  }

  /** The library puts U+FFFD in the place of bytes that are no UTF-8. */
  #judge(token: Token): void {
    if (!(token.value as string).includes('\ufffd')) return
    const text = this.data.subarray(0, this.pos())
    const { length } = new TextEncoder().encode(token.value as string)
    new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(text.subarray(-length))
  }
}

function textToken(token: Token): Token {
  return new Token(Type.string, base64urlOf(token.value as Uint8Array), token.encodedLength)
}
