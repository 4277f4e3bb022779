/** `retry` of an upstream (ROUTES.md §4). */
import * as z from 'zod/mini'
import { described, integer, milliseconds, object } from '../../schema/atoms.ts'
import { withRule } from '../../schema/rule.ts'
import { failureWords } from '../classify.ts'

/** What counts as failed: kinds of failures, and statuses. */
export const failureRule = z.union([z.enum(failureWords), integer(400, 599)])

const backoffSchema = withRule(
  object({
    kind: described(
      'How waits grow from retry to retry: `exponential` doubles them (default), `linear` adds `baseMs`, `constant` keeps them.',
      z.optional(z.enum(['exponential', 'linear', 'constant'])),
    ),
    baseMs: described(
      'The longest first wait: each wait is by chance, between nothing and all of it. 25 unless given.',
      z.optional(milliseconds),
    ),
    maxMs: described(
      'The longest wait, also for a `Retry-After`. 1000 unless given, and never less than `baseMs`.',
      z.optional(milliseconds),
    ),
  }),
  ({ baseMs, maxMs }, note) => {
    if (typeof baseMs !== 'number' || typeof maxMs !== 'number' || baseMs <= maxMs) return
    note(['maxMs'], `expected at least the \`baseMs\` of ${baseMs}, found ${maxMs}`)
  },
)

export const retrySchema = object({
  attempts: described(
    'How many tries a call has, the first included. 3 unless given.',
    z.optional(integer(1, 10)), // More than ten tries of one call are an attack on the service.
  ),
  on: described(
    'What is tried again: kinds of failures and statuses. `connect-failure`, `reset`, `timeout`, 502, 503 and 504 unless given.',
    z.optional(z.array(failureRule).check(z.minLength(1), z.maxLength(100))),
  ),
  backoff: described('How long to wait before a retry.', z.optional(backoffSchema)),
  budgetPercent: described(
    'How many retries the whole fleet may make, as a share of the requests of the last 10 seconds. 20 unless given; 0 stops all.',
    z.optional(integer(0, 100)),
  ),
  nonIdempotent: described(
    'Whether POST, PATCH and their like are tried again also where they may have reached the service.',
    z.optional(z.boolean()),
  ),
  bodyLimitBytes: described(
    'A body of a known length up to this is kept for a retry; others are sent once. 65536 unless given.',
    z.optional(integer(0, 8_388_608)), // All calls of an isolate share its 128 MB.
  ),
})
export type RetryOptions = z.infer<typeof retrySchema>
