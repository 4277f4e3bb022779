/** The parts of what is known of an upstream: each has a line here for its side in the object, and one for isolates. */
import { breakerLink } from '../breaker/local.ts'
import { breakerPart } from '../breaker/part.ts'
import { ejectionLink } from '../ejection/local.ts'
import { ejectionPart } from '../ejection/part.ts'

export const fleetParts = {
  breaker: breakerPart,
  ejection: ejectionPart,
} as const

export const linkParts = {
  breaker: breakerLink,
  ejection: ejectionLink,
} as const

export type PartName = keyof typeof fleetParts
