/** The period of a quota that holds an instant: calendar ones in UTC, weeks from Monday (ROUTES.md §5). Pure. */
import type { Period } from '../shape.ts'

export interface Span {
  readonly start: number
  /** The first millisecond of the next period. */
  readonly end: number
}

const MINUTE_MS = 60_000
const HOUR_MS = 60 * MINUTE_MS
const DAY_MS = 24 * HOUR_MS
const WEEK_MS = 7 * DAY_MS

// 1970 began on a Thursday; its first Monday was the 5th.
const FIRST_MONDAY_MS = 4 * DAY_MS

/** Periods of equal length that begin at `origin` and every `lengthMs` before and after it. */
function equalSpan(now: number, origin: number, lengthMs: number): Span {
  const start = origin + Math.floor((now - origin) / lengthMs) * lengthMs
  return { start, end: start + lengthMs }
}

function monthSpan(now: number): Span {
  const date = new Date(now)
  const [year, month] = [date.getUTCFullYear(), date.getUTCMonth()]
  return { start: Date.UTC(year, month), end: Date.UTC(year, month + 1) }
}

/** The period that holds `now`. */
export function spanAt(period: Period, now: number): Span {
  switch (period.per) {
    case 'minute':
      return equalSpan(now, 0, MINUTE_MS)
    case 'hour':
      return equalSpan(now, 0, HOUR_MS)
    case 'day':
      return equalSpan(now, 0, DAY_MS)
    case 'week':
      return equalSpan(now, FIRST_MONDAY_MS, WEEK_MS)
    case 'month':
      return monthSpan(now)
    case 'anchored':
      return equalSpan(now, period.anchorMs, period.everyDays * DAY_MS)
  }
}

/** Whether two periods are the same rule. */
export function samePeriod(a: Period, b: Period): boolean {
  if (a.per === 'anchored') {
    return b.per === 'anchored' && a.anchorMs === b.anchorMs && a.everyDays === b.everyDays
  }
  return a.per === b.per
}
