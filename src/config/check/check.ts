/** Judges what the parts of a table mean together. Each check is pure and sees the whole table. */
import type { Problem } from '../problem.ts'
import type { RouteTable } from '../schema.ts'
import { checkAggregates, checkAggregateWarnings } from './aggregates.ts'
import { checkAnswers } from './answers.ts'
import { checkBypasses } from './bypasses.ts'
import { checkConsumers } from './consumers.ts'
import { checkEffects } from './effects.ts'
import { checkFallbacks, checkFallbackWarnings } from './fallbacks.ts'
import { checkForwardedHosts } from './forwarded-hosts.ts'
import { checkLimitKeys } from './limit-keys.ts'
import { checkNames } from './names.ts'
import { checkOperations } from './operations.ts'
import { checkParams } from './params.ts'
import { checkPatterns } from './patterns.ts'
import { checkPlans } from './plans.ts'
import { checkProcedures } from './procedures.ts'
import { checkRedirects } from './redirects.ts'
import { checkReferences } from './references.ts'
import { checkRepeats } from './repeats.ts'
import { checkReserved } from './reserved.ts'
import { checkShadows } from './shadows.ts'
import { checkSkips } from './skips.ts'
import { checkSplits } from './splits.ts'
import { checkStrangers } from './strangers.ts'
import { checkWeights } from './weights.ts'

type Check = (table: RouteTable) => Problem[]

const forms: readonly Check[] = [
  checkReferences,
  checkNames,
  checkSkips,
  checkAnswers,
  checkAggregates,
  checkWeights,
  checkFallbacks,
  checkSplits,
  checkRedirects,
  checkParams,
  checkReserved,
  checkPlans,
  checkProcedures,
  checkOperations,
]

const warnings: readonly Check[] = [
  checkRepeats,
  checkShadows,
  checkBypasses,
  checkPatterns,
  checkForwardedHosts,
  checkEffects,
  checkFallbackWarnings,
  checkConsumers,
  checkStrangers,
  checkLimitKeys,
  checkAggregateWarnings,
]

/** All problems and warnings of a table whose shape is right. */
export function checkTable(table: RouteTable): Problem[] {
  return [...checkForm(table), ...checkWarnings(table)]
}

/** What makes a table be refused. */
export function checkForm(table: RouteTable): Problem[] {
  return forms.flatMap((check) => check(table))
}

/** What works and is probably not meant: for people, so a reader of KV may leave it out. */
export function checkWarnings(table: RouteTable): Problem[] {
  return warnings.flatMap((check) => check(table))
}
