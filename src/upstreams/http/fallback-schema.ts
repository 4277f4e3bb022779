/** `fallback` of an upstream: what answers in its place, in order (ROUTES.md §4). */
import * as z from 'zod/mini'
import { described, name, object } from '../../schema/atoms.ts'
import { respondSchema } from '../respond/schema.ts'

export const fallbackEntrySchema = z.union([
  object({
    stale: described(
      'An answer that the cache still has, though its time is over.',
      z.literal(true),
    ),
  }),
  object({
    upstream: described('The name of another upstream, called with all of its own options.', name),
    nonIdempotent: described(
      'Whether it gets also requests that may not be repeated and may have reached the first service. They stay unrepeated unless true.',
      z.optional(z.boolean()),
    ),
  }),
  object({
    respond: described('A fixed answer, as `respond` of a route.', respondSchema),
  }),
])

// A chain is tried within one request: longer ones are no plan.
export const fallbackSchema = z.array(fallbackEntrySchema).check(z.minLength(1), z.maxLength(10))
export type FallbackOptions = z.infer<typeof fallbackSchema>
