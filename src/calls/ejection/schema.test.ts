import { expect, test } from 'vitest'
import { ejectionSchema } from './schema.ts'

test.each([
  [{}],
  [{ consecutiveFailures: 5, baseSeconds: 30, maxPercent: 50 }],
  [{ consecutiveFailures: 0, failurePercent: 85, minimumRequests: 100 }],
  [{ successRateStdev: 1.9 }],
  [{ baseSeconds: 600, maxSeconds: 600 }],
  [{ baseSeconds: 600 }],
])('%j is accepted', (options) => {
  expect(ejectionSchema.safeParse(options).success).toBe(true)
})

test.each([
  [{ maxPercent: 101 }, 'maxPercent'],
  [{ consecutiveFailures: -1 }, 'consecutiveFailures'],
  [{ baseSeconds: 0 }, 'baseSeconds'],
  [{ failurePercent: 0 }, 'failurePercent'],
  [{ baseSeconds: 60, maxSeconds: 30 }, 'maxSeconds'],
])('%j is refused at %s', (options, key) => {
  const result = ejectionSchema.safeParse(options)
  expect(result.error?.issues.map(({ path }) => path)).toEqual([[key]])
})
