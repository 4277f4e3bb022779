/** Decides whether a place may call: `deny` wins over `allow`; what is not known is in no list. Pure. */
import type { Client } from '../../pipeline/exchange.ts'

/** A place is among these when any one list has it. */
export interface Places {
  readonly countries: ReadonlySet<string>
  readonly continents: ReadonlySet<string>
  readonly asns: ReadonlySet<number>
}

export type Location = Pick<Client, 'country' | 'continent' | 'asn'>

export interface LocationRules {
  /** Null where every place that is not denied may call. */
  readonly allow: Places | null
  readonly deny: Places | null
}

export function isLocationAllowed(location: Location, { allow, deny }: LocationRules): boolean {
  if (deny !== null && isAmong(location, deny)) return false
  return allow === null || isAmong(location, allow)
}

function isAmong({ country, continent, asn }: Location, places: Places): boolean {
  return (
    (country !== null && places.countries.has(country)) ||
    (continent !== null && places.continents.has(continent)) ||
    (asn !== null && places.asns.has(asn))
  )
}
