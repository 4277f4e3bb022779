/** What a quota is as a bucket, and which share of it a request has reached. Pure. */
import type { Period, QuotaShape } from '../../buckets/shape.ts'
import type { QuotaSpec } from '../../schema/limits.ts'

/** The bucket of a quota that the schema has judged. */
export function quotaBucketOf(spec: QuotaSpec): QuotaShape {
  return { kind: 'quota', limit: spec.limit, period: periodOf(spec) }
}

function periodOf({ per, anchor, everyDays = 1 }: QuotaSpec): Period {
  if (per !== 'anchored') return { per }
  return { per, anchorMs: Date.parse(anchor ?? ''), everyDays }
}

/**
 * Names the period, to tell the quotas of one plan apart: what was spent of a month stays with the month when a
 * plan gets a quota of a day before it.
 */
export function periodNameOf({ per, anchor, everyDays }: QuotaSpec): string {
  return per === 'anchored' ? `${anchor}+${everyDays}` : per
}

/** The highest of `shares` (percent, falling) that the use has reached; null below all of them. */
export function reachedShare(
  { limit, remaining }: { readonly limit: number; readonly remaining: number },
  shares: readonly number[],
): number | null {
  const used = limit - remaining
  for (const share of shares) if (used * 100 >= share * limit) return share
  return null
}
