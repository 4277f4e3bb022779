/** `geo-filter`: refuses countries, continents and networks that may not call the route. */
import { refuse } from '../../errors/refusal.ts'
import { type Gate, type PolicyDefinition, passed } from '../../pipeline/policy.ts'
import { isLocationAllowed, type Places } from './core.ts'
import type { GeoFilterOptions } from './schema.ts'

export const definition: PolicyDefinition<GeoFilterOptions> = {
  use: 'geo-filter',
  stage: 'admit',
  arity: 'many',
  summary: 'Lets only some countries, continents and networks call, or keeps some out.',
  bind: bindGeoFilter,
}

const denied = refuse('LOCATION_DENIED')

function bindGeoFilter({ allow, deny }: GeoFilterOptions): Gate {
  const rules = { allow: bindPlaces(allow), deny: bindPlaces(deny) }
  return {
    kind: 'gate',
    judge: function geoFilter(exchange) {
      return isLocationAllowed(exchange.client, rules) ? passed : denied
    },
  }
}

function bindPlaces(written: GeoFilterOptions['allow']): Places | null {
  if (written === undefined) return null
  const { countries, continents, asns } = written
  return {
    countries: new Set(countries),
    continents: new Set<string>(continents),
    asns: new Set(asns),
  }
}
