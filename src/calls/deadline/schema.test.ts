import { expect, test } from 'vitest'
import { deadlineSchema } from './schema.ts'

test.each(['Request-Timeout-Ms', 'X-Deadline'])('%s may carry the deadline', (header) => {
  expect(deadlineSchema.safeParse({ header }).success).toBe(true)
})

test.each(['Host', 'content-length', 'Connection', 'X-Forwarded-For', 'Isogate-Deadline', 'a b'])(
  '%s may not carry the deadline',
  (header) => {
    expect(deadlineSchema.safeParse({ header }).success).toBe(false)
  },
)
