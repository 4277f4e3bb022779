/** `geo-filter`: from which countries, continents and networks a route may be called. */
import * as z from 'zod/mini'
import { described, object } from '../../schema/atoms.ts'
import { asn, continent, country } from '../../schema/client.ts'
import { needOneOf, withRule } from '../../schema/rule.ts'
import { policySchema } from '../schema.ts'

const places = withRule(
  object({
    countries: described(
      'ISO 3166-1 codes in capitals, such as DE; T1 is the Tor network.',
      z.optional(z.array(country).check(z.minLength(1))),
    ),
    continents: described(
      'AF, AN, AS, EU, NA, OC or SA.',
      z.optional(z.array(continent).check(z.minLength(1))),
    ),
    asns: described(
      'Numbers of autonomous systems.',
      z.optional(z.array(asn).check(z.minLength(1))),
    ),
  }),
  (written, note) => needOneOf(written, note, ['countries', 'continents', 'asns']),
)

export const geoFilterSchema = withRule(
  policySchema('geo-filter', {
    allow: described(
      'Only these places may call; one hit in any of the lists is enough. An unknown place is denied.',
      z.optional(places),
    ),
    deny: described('These places may not call, even if `allow` names them.', z.optional(places)),
  }),
  (written, note) => needOneOf(written, note, ['allow', 'deny']),
)
export type GeoFilterOptions = z.infer<typeof geoFilterSchema>
