/**
 * Reads the source of a JavaScript regular expression with flag `u` (ECMA-262 §22.2.1) into a tree. The
 * engine has accepted the source before: nothing is validated twice. Groups vanish, since they only capture.
 */
import { type CharSet, charSet, complement, lineTerminators } from './char-set.ts'
import { readClass, readEscape } from './parse-class.ts'

export type RegexNode =
  | { readonly kind: 'set'; readonly set: CharSet }
  | { readonly kind: 'sequence'; readonly items: readonly RegexNode[] }
  | { readonly kind: 'choice'; readonly options: readonly RegexNode[] }
  /** `most` is Infinity for `*` and `+`. Lazy and greedy explore the same ways, in another order. */
  | {
      readonly kind: 'repeat'
      readonly item: RegexNode
      readonly least: number
      readonly most: number
    }
  | { readonly kind: 'start' }
  /** `$`: without flag `m` only the end of the text. */
  | { readonly kind: 'end' }
  /** `\b` and `\B`. */
  | { readonly kind: 'assertion' }
  | { readonly kind: 'look'; readonly item: RegexNode }
  /** A backreference or an inline modifier. */
  | { readonly kind: 'unsupported'; readonly what: string }

/** A place in the source; the functions of this folder move it on. */
export interface Cursor {
  readonly source: string
  at: number
}

export function parseRegex(source: string): RegexNode {
  return readChoice({ source, at: 0 })
}

function takes(cursor: Cursor, text: string): boolean {
  if (!cursor.source.startsWith(text, cursor.at)) return false
  cursor.at += text.length
  return true
}

function readChoice(cursor: Cursor): RegexNode {
  const options = [readSequence(cursor)]
  while (takes(cursor, '|')) options.push(readSequence(cursor))
  return options.length === 1 ? (options[0] as RegexNode) : { kind: 'choice', options }
}

function readSequence(cursor: Cursor): RegexNode {
  const items: RegexNode[] = []
  while (cursor.at < cursor.source.length && !/[|)]/.test(cursor.source[cursor.at] as string)) {
    items.push(readQuantified(cursor))
  }
  return items.length === 1 ? (items[0] as RegexNode) : { kind: 'sequence', items }
}

function readQuantified(cursor: Cursor): RegexNode {
  const item = readAtom(cursor)
  const quantifier = /^(?:[*+?]|\{(\d+)(,?)(\d*)\})\??/.exec(cursor.source.slice(cursor.at))
  if (quantifier === null) return item
  cursor.at += quantifier[0].length
  const [text, least = '', comma, most = ''] = quantifier
  if (text[0] === '*') return { kind: 'repeat', item, least: 0, most: Number.POSITIVE_INFINITY }
  if (text[0] === '+') return { kind: 'repeat', item, least: 1, most: Number.POSITIVE_INFINITY }
  if (text[0] === '?') return { kind: 'repeat', item, least: 0, most: 1 }
  const unbounded = comma === ',' && most === ''
  return {
    kind: 'repeat',
    item,
    least: Number(least),
    most: unbounded ? Number.POSITIVE_INFINITY : Number(comma === '' ? least : most),
  }
}

const start: RegexNode = { kind: 'start' }
const end: RegexNode = { kind: 'end' }
const assertion: RegexNode = { kind: 'assertion' }

function readAtom(cursor: Cursor): RegexNode {
  if (takes(cursor, '^')) return start
  if (takes(cursor, '$')) return end
  if (takes(cursor, '\\b') || takes(cursor, '\\B')) return assertion
  if (takes(cursor, '(')) return readGroup(cursor)
  if (takes(cursor, '.')) return { kind: 'set', set: complement(lineTerminators) }
  if (cursor.source[cursor.at] === '[') return { kind: 'set', set: readClass(cursor) }
  if (/^\\(?:[1-9]|k)/.test(cursor.source.slice(cursor.at, cursor.at + 2))) {
    cursor.at += 2
    const name = /^(?:<[^>]*>|\d*)/.exec(cursor.source.slice(cursor.at))
    cursor.at += name?.[0].length ?? 0
    return { kind: 'unsupported', what: 'a backreference' }
  }
  if (cursor.source[cursor.at] === '\\') return { kind: 'set', set: readEscape(cursor) }
  const code = cursor.source.codePointAt(cursor.at) as number
  cursor.at += code > 0xffff ? 2 : 1
  return { kind: 'set', set: charSet([[code, code]]) }
}

/** After the opening bracket. */
function readGroup(cursor: Cursor): RegexNode {
  const looks = ['?=', '?!', '?<=', '?<!'].some((sign) => takes(cursor, sign))
  const plain = looks || takes(cursor, '?:')
  const special = plain ? null : /^\?(<[^>]*>|[a-z-]*:)/.exec(cursor.source.slice(cursor.at))
  if (special !== null) cursor.at += special[0].length
  const item = readChoice(cursor)
  cursor.at++ // the closing bracket
  if (looks) return { kind: 'look', item }
  if (special !== null && !special[0].startsWith('?<')) {
    return { kind: 'unsupported', what: 'an inline modifier' }
  }
  return item
}

/** All nodes, the given one first. */
export function* nodesOf(node: RegexNode): Generator<RegexNode> {
  yield node
  const children = 'items' in node ? node.items : 'options' in node ? node.options : []
  for (const child of children) yield* nodesOf(child)
  if ('item' in node) yield* nodesOf(node.item)
}

/** The options of the outermost choice: the whole where there is none. */
export function optionsOf(node: RegexNode): readonly RegexNode[] {
  return node.kind === 'choice' ? node.options.flatMap(optionsOf) : [node]
}

/** Whether the node can only match from the start of the text. */
export function startsAnchored(node: RegexNode): boolean {
  if (node.kind === 'start') return true
  if (node.kind === 'sequence') return node.items[0] !== undefined && startsAnchored(node.items[0])
  return node.kind === 'choice' && node.options.every(startsAnchored)
}
