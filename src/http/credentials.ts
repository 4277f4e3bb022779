/** Takes a credential out of what goes on, once it has served: a service needs it no more (ROUTES.md §5, `passOn`). */
import type { Fields } from './headers.ts'
import { isNamed } from './query.ts'

export interface Carrier {
  readonly headers: Fields
  /** With its "?", or empty. */
  query: string
}

export type Place = { readonly in: 'header' | 'query' | 'cookie'; readonly name: string }

export function takeOut(carrier: Carrier, place: Place): void {
  switch (place.in) {
    case 'header':
      delete carrier.headers[place.name.toLowerCase()]
      break
    case 'query':
      carrier.query = withoutParameter(carrier.query, place.name)
      break
    case 'cookie':
      takeCookie(carrier.headers, place.name)
      break
  }
}

function withoutParameter(query: string, name: string): string {
  const kept = query
    .slice(1)
    .split('&')
    .filter((pair) => !isNamed(pair.split('=', 1)[0] ?? '', name))
  return kept.length === 0 || (kept.length === 1 && kept[0] === '') ? '' : `?${kept.join('&')}`
}

function takeCookie(headers: Fields, name: string): void {
  const { cookie } = headers
  if (cookie === undefined) return
  const kept = cookie.split(';').filter((pair) => pair.split('=', 1)[0]?.trim() !== name)
  if (kept.length === 0) delete headers.cookie
  else headers.cookie = kept.join(';').trim()
}
