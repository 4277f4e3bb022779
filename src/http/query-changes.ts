/** Changes parameters of a query as text: what no change names is neither decoded nor encoded again. Pure. */
import type { Change } from './changes.ts'
import { isNamed } from './query.ts'

/** The changed query with its "?", or empty. Values of the changes are encoded already; names are plain. */
export function changeQuery(query: string, changes: readonly Change<string>[]): string {
  const text = query.startsWith('?') ? query.slice(1) : query
  let pairs = text === '' ? [] : text.split('&')
  for (const change of changes) pairs = changePairs(pairs, change)
  return pairs.length === 0 ? '' : `?${pairs.join('&')}`
}

function changePairs(pairs: string[], change: Change<string>): string[] {
  switch (change.kind) {
    case 'remove':
      return without(pairs, change.name)
    case 'rename':
      return renamed(pairs, change.name, change.to)
    case 'set':
      return replaced(pairs, change.name, pairOf(change))
    case 'add':
      return [...pairs, pairOf(change)]
  }
}

/** The new pair stands where the first old one stood, or at the end. */
function replaced(pairs: string[], name: string, pair: string): string[] {
  const first = pairs.findIndex((old) => isPairOf(old, name))
  if (first === -1) return [...pairs, pair]
  return [...pairs.slice(0, first), pair, ...without(pairs.slice(first + 1), name)]
}

function renamed(pairs: string[], name: string, to: string): string[] {
  if (name === to || !pairs.some((pair) => isPairOf(pair, name))) return pairs
  const encoded = encodeURIComponent(to.toWellFormed())
  return without(pairs, to).map((pair) =>
    isPairOf(pair, name) ? encoded + pair.slice(nameOf(pair).length) : pair,
  )
}

function without(pairs: string[], name: string): string[] {
  return pairs.filter((pair) => !isPairOf(pair, name))
}

function isPairOf(pair: string, name: string): boolean {
  return pair !== '' && isNamed(nameOf(pair), name)
}

function nameOf(pair: string): string {
  const equals = pair.indexOf('=')
  return equals === -1 ? pair : pair.slice(0, equals)
}

function pairOf({ name, value }: { readonly name: string; readonly value: string }): string {
  return `${encodeURIComponent(name.toWellFormed())}=${value}`
}
