/** Where the problem pages of a request stand. */
import type { Exchange } from '../../pipeline/exchange.ts'

/** `https://host[:port]` as the client asked, or empty where it named none. */
export function originOf({ target }: Exchange): string {
  return target.authority === '' ? '' : `${target.scheme}://${target.authority}`
}
