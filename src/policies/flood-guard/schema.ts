/** `flood-guard`: how much may come from one address, before anything else is asked (ROUTES.md §5). */
import * as z from 'zod/mini'
import { fitsUnits } from '../../buckets/units.ts'
import { described, integer, text } from '../../schema/atoms.ts'
import { type Note, type Written, withRule } from '../../schema/rule.ts'
import { policySchema } from '../schema.ts'

const requests = integer(1, 1_000_000_000)

function judge(written: Written, note: Note): void {
  const { limit, windowSeconds, burst = limit } = written
  if (!isWhole(limit) || !isWhole(windowSeconds) || !isWhole(burst)) return
  if (fitsUnits({ kind: 'rate', limit, windowMs: windowSeconds * 1000, burst })) return
  note(['limit'], 'expected a limit, window and burst that can be counted exactly: smaller numbers')
}

function isWhole(value: unknown): value is number {
  return typeof value === 'number' && Number.isSafeInteger(value) && value > 0
}

export const floodGuardSchema = withRule(
  policySchema('flood-guard', {
    limit: described('Requests from one address in a window, on the average.', requests),
    windowSeconds: described('The length of the window.', integer(1, 3_600)), // Longer memories are a rate limit's.
    burst: described('Requests at once. `limit` unless given.', z.optional(requests)),
    binding: described(
      'A `ratelimits` binding of this Worker, asked as well. `FLOOD_GUARD` unless given, where the Worker has it; one that is named here must be there.',
      z.optional(
        text(z.regex(/^[A-Za-z_][A-Za-z0-9_]*$/, { error: 'a name of letters, digits and "_"' })),
      ),
    ),
  }),
  judge,
)
export type FloodGuardOptions = z.infer<typeof floodGuardSchema>
