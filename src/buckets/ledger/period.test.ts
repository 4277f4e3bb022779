import { expect, test } from 'vitest'
import type { Period } from '../shape.ts'
import { samePeriod, spanAt } from './period.ts'

test.each<[Period, string, string, string]>([
  [{ per: 'minute' }, '2026-03-01T10:20:59.999Z', '2026-03-01T10:20Z', '2026-03-01T10:21Z'],
  [{ per: 'hour' }, '2026-03-01T10:59:59.999Z', '2026-03-01T10:00Z', '2026-03-01T11:00Z'],
  [{ per: 'day' }, '2026-12-31T23:59:59.999Z', '2026-12-31', '2027-01-01'],
  [{ per: 'week' }, '2026-11-22T23:59:59.999Z', '2026-11-16', '2026-11-23'],
  [{ per: 'week' }, '2026-11-23T00:00:00.000Z', '2026-11-23', '2026-11-30'],
  [{ per: 'week' }, '1970-01-01T00:00:00.000Z', '1969-12-29', '1970-01-05'],
  [{ per: 'month' }, '2028-02-29T12:00:00.000Z', '2028-02-01', '2028-03-01'],
  [{ per: 'month' }, '2026-12-31T23:59:59.999Z', '2026-12-01', '2027-01-01'],
  [
    { per: 'anchored', anchorMs: Date.parse('2026-01-31T08:00Z'), everyDays: 30 },
    '2026-03-02T07:59:59.999Z',
    '2026-01-31T08:00Z',
    '2026-03-02T08:00Z',
  ],
  [
    { per: 'anchored', anchorMs: Date.parse('2026-01-31T08:00Z'), everyDays: 30 },
    '2026-01-31T07:59:59.999Z',
    '2026-01-01T08:00Z',
    '2026-01-31T08:00Z',
  ],
])('%o holds %s from %s to %s', (period, now, start, end) => {
  expect(spanAt(period, Date.parse(now))).toEqual({
    start: Date.parse(start),
    end: Date.parse(end),
  })
})

test('the end of a period is the start of the next one', () => {
  for (const per of ['minute', 'hour', 'day', 'week', 'month'] as const) {
    const { end } = spanAt({ per }, Date.parse('2026-10-25T01:30:00Z'))
    expect(spanAt({ per }, end).start).toBe(end)
  }
})

test('two periods are the same when their rules are', () => {
  const anchored: Period = { per: 'anchored', anchorMs: 5, everyDays: 7 }
  expect(samePeriod(anchored, { per: 'anchored', anchorMs: 5, everyDays: 7 })).toBe(true)
  expect(samePeriod(anchored, { per: 'anchored', anchorMs: 6, everyDays: 7 })).toBe(false)
  expect(samePeriod(anchored, { per: 'week' })).toBe(false)
  expect(samePeriod({ per: 'week' }, anchored)).toBe(false)
  expect(samePeriod({ per: 'day' }, { per: 'day' })).toBe(true)
})
