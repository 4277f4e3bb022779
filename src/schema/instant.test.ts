import { expect, test } from 'vitest'
import { isOffCalendar } from './calendar.ts'
import { dateOrInstant, instant } from './instant.ts'

test.each(['2026-02-28', '2024-02-29', '2026-01-31T08:00Z', '2026-01-31T08:00:59Z'])(
  '%s is on the calendar',
  (written) => {
    expect(dateOrInstant.safeParse(written).success).toBe(true)
    expect(isOffCalendar(written)).toBe(false)
  },
)

test.each(['2026-02-29', '2026-02-30T00:00:00Z', '2026-13-01', '2026-01-01T24:00:00Z'])(
  '%s has the form and is on no calendar',
  (written) => {
    expect(dateOrInstant.safeParse(written).success).toBe(true)
    expect(isOffCalendar(written)).toBe(true)
  },
)

test.each(['tomorrow', '2026-1-1', '2026-01-31T08:00:00+01:00', 7])(
  '%s has not the form',
  (written) => {
    expect(dateOrInstant.safeParse(written).success).toBe(false)
    expect(isOffCalendar(written)).toBe(false)
  },
)

test('an instant has a time, and may be a variable of the environment', () => {
  expect(instant.safeParse('2026-01-31').success).toBe(false)
  expect(instant.safeParse({ var: 'TRIAL_ENDS' }).success).toBe(true)
})
