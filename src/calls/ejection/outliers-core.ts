/** Which targets fail more than they may: by a share of their own calls, or by how far they lie below the others. */
import type { EjectionRules } from './rules.ts'

/** What calls to a target came to within an interval. */
export interface Counts {
  readonly succeeded: number
  readonly failed: number
}

export type ShareReason = 'failure-percent' | 'success-rate'

/** The outliers among these targets, worst first. */
export function judgeShares(
  records: readonly (Counts & { readonly target: string })[],
  { failurePercent, successRateStdev, minimumRequests }: EjectionRules,
): ReadonlyMap<string, ShareReason> {
  const measured = records
    .filter(({ succeeded, failed }) => succeeded + failed >= minimumRequests)
    .map(({ target, succeeded, failed }) => ({ target, rate: succeeded / (succeeded + failed) }))
    .sort((a, b) => a.rate - b.rate)
  const outliers = new Map<string, ShareReason>()
  const least = successRateStdev === null ? null : leastRate(measured, successRateStdev)
  for (const { target, rate } of measured) {
    if (failurePercent !== null && 100 * (1 - rate) >= failurePercent) {
      outliers.set(target, 'failure-percent')
    } else if (least !== null && rate < least) outliers.set(target, 'success-rate')
  }
  return outliers
}

/** Among two, nobody can tell which one is the outlier. */
const LEAST_MEASURED = 3

/** Mean of the success rates less so many standard deviations; null where too few are measured. */
function leastRate(measured: readonly { readonly rate: number }[], stdev: number): number | null {
  const count = measured.length
  if (count < LEAST_MEASURED) return null
  const mean = measured.reduce((sum, { rate }) => sum + rate, 0) / count
  const variance = measured.reduce((sum, { rate }) => sum + (rate - mean) ** 2, 0) / count
  return mean - stdev * Math.sqrt(variance)
}
