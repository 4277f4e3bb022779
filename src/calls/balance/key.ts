/** The key of `balance.hash`: names of the vocabulary and templates, read per request and hashed. */
import type { Exchange } from '../../pipeline/exchange.ts'
import { parseTemplate } from '../../template/parse.ts'
import { type Read, readAttribute } from '../../template/vocabulary.ts'
import { hashText } from './rendezvous-core.ts'

/** The hash of a request's key; null where no part of it has a value. */
export type ReadKey = (exchange: Exchange) => number | null

export function bindHashKey(hash: readonly string[]): ReadKey {
  const parts = hash.map(bindPart)
  return function readKey(exchange) {
    let key = ''
    let found = false
    for (const read of parts) {
      const value = read(exchange)
      if (value !== '') found = true
      // Its length in front: "a" and "bc" is another key than "ab" and "c".
      key += `${value.length}:${value}`
    }
    return found ? hashText(key) : null
  }
}

function bindPart(written: string): Read {
  const attribute = readAttribute(written)
  if (attribute !== null) return attribute
  const parsed = parseTemplate(written)
  if (parsed.kind === 'invalid') throw new TypeError(`expected ${parsed.reason}`)
  const parts = parsed.parts.map((part): string | Read =>
    part.kind === 'text' ? part.text : (readAttribute(part.name) as Read),
  )
  return function renderPart(exchange) {
    let value = ''
    let found = ''
    for (const part of parts) {
      const piece = typeof part === 'string' ? part : part(exchange)
      if (typeof part !== 'string') found += piece
      value += piece
    }
    // The text of a template alone says nothing about the caller.
    return found === '' ? '' : value
  }
}
