/** Atoms of where a client is: its address, its place, its network. */
import * as z from 'zod/mini'
import { isCidr } from '../http/cidr.ts'
import { integer, text } from './atoms.ts'

/** An address or a block of them, IPv4 or IPv6. */
export const cidr = text(
  z.refine(isCidr, {
    error: 'expected an address or a CIDR block such as "10.0.0.0/8"',
  }) as z.core.$ZodCheck<string>,
)

/** Two letters (ISO 3166-1), or "T1", by which Cloudflare means the Tor network. */
export const country = text(
  z.regex(/^[A-Z][A-Z0-9]$/, { error: 'two capital letters such as "DE"' }),
)

export const continent = text(
  z.regex(/^(?:AF|AN|AS|EU|NA|OC|SA)$/, { error: 'one of AF, AN, AS, EU, NA, OC, SA' }),
)

/** The number of an autonomous system: 32 bits (RFC 6793). */
export const asn = integer(0, 4_294_967_295)
