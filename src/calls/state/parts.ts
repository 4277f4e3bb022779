/** The parts of what is known of an upstream: each has a line here for its side in the object, and one for isolates. */
import { breakerLink } from '../breaker/local.ts'
import { breakerPart } from '../breaker/part.ts'
import { discoveryLink } from '../discovery/local.ts'
import { discoveryPart } from '../discovery/part.ts'
import { ejectionLink } from '../ejection/local.ts'
import { ejectionPart } from '../ejection/part.ts'
import { healthLink } from '../health/local.ts'
import { healthPart } from '../health/part.ts'
import { budgetLink, budgetPart } from '../retry/budget-part.ts'

export const fleetParts = {
  breaker: breakerPart,
  budget: budgetPart,
  ejection: ejectionPart,
  health: healthPart,
  discovery: discoveryPart,
} as const

export const linkParts = {
  breaker: breakerLink,
  budget: budgetLink,
  ejection: ejectionLink,
  health: healthLink,
  discovery: discoveryLink,
} as const

export type PartName = keyof typeof fleetParts
