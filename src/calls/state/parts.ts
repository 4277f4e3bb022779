/** The parts of what is known of an upstream: each has a line here for its side in the object, and one for isolates. */
import { adaptiveLink } from '../adaptive/local.ts'
import { adaptivePart } from '../adaptive/part.ts'
import { breakerLink } from '../breaker/local.ts'
import { breakerPart } from '../breaker/part.ts'
import { canaryLink, canaryPart } from '../canary/part.ts'
import { discoveryLink } from '../discovery/local.ts'
import { discoveryPart } from '../discovery/part.ts'
import { ejectionLink } from '../ejection/local.ts'
import { ejectionPart } from '../ejection/part.ts'
import { healthLink } from '../health/local.ts'
import { healthPart } from '../health/part.ts'
import { mirrorLink, mirrorPart } from '../mirror/part.ts'
import { budgetLink, budgetPart } from '../retry/budget-part.ts'

export const fleetParts = {
  breaker: breakerPart,
  budget: budgetPart,
  mirror: mirrorPart,
  canary: canaryPart,
  ejection: ejectionPart,
  adaptive: adaptivePart,
  health: healthPart,
  discovery: discoveryPart,
} as const

export const linkParts = {
  breaker: breakerLink,
  budget: budgetLink,
  mirror: mirrorLink,
  canary: canaryLink,
  ejection: ejectionLink,
  adaptive: adaptiveLink,
  health: healthLink,
  discovery: discoveryLink,
} as const

export type PartName = keyof typeof fleetParts
