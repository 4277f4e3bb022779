/** `cost` of a limit: a number, a template, or what the answer says, so that all limits spell it alike. */
import * as z from 'zod/mini'
import { described, headerName, integer, object, text } from '../schema/atoms.ts'
import { type Note, type Written, withRule } from '../schema/rule.ts'
import { isWrittenObject } from '../schema/written.ts'
import { templateText } from '../template/schema.ts'
import { leastCost } from './limit-cost.ts'
import { MAX_COST, readCost } from './limit-cost-core.ts'

const pointer = text(
  z.regex(/^(?:\/(?:[^~/]|~[01])*)+$/, { error: 'a JSON Pointer as "/usage/total_tokens"' }),
)

const sources = ['header', 'json', 'bytes'] as const

const responseSchema = withRule(
  object({
    header: described('The field of the answer that states the cost.', z.optional(headerName)),
    json: described(
      'JSON Pointer to the cost in the body of the answer, which is read up to 1 MiB before it goes on.',
      z.optional(pointer),
    ),
    bytes: described(
      'How many bytes of the body one token is; taken while the body passes, which is cut off where nothing is left.',
      z.optional(integer(1, 1_000_000_000)),
    ),
  }),
  (written, note) => {
    if (sources.filter((source) => written[source] !== undefined).length === 1) return
    note([], 'expected exactly one of "header", "json", "bytes"')
  },
)

const lateSchema = object({
  response: described('What of the answer states the cost.', responseSchema),
  reserve: described(
    'What is taken before the request goes on; the most that one can cost keeps the limit exact.',
    integer(1, MAX_COST),
  ),
})

/** A text that reads nothing of the request states the same cost for all: then it has to be one. */
const statesCost = z.refine((text: string) => text.includes('${') || readCost(text) !== null, {
  error: 'expected a number, or a template that gives one',
}) as z.core.$ZodCheck<string>

/** The value of `cost`. */
export const costSchema = z.union([integer(0, MAX_COST), lateSchema, templateText(statesCost)])
export type CostSpec = z.infer<typeof costSchema>

/** Notes a cost that a bucket of this size could never admit. */
export function noteCostAbove(burst: unknown, written: Written, note: Note): void {
  const least = leastCost(written.cost)
  // A burst that is none has a problem of its own.
  if (typeof burst !== 'number' || burst < 1 || least <= burst) return
  const key = isWrittenObject(written.cost) ? ['cost', 'reserve'] : ['cost']
  note(
    key,
    `expected at most ${burst}, which is all that the bucket can hold, found ${least}: no request would ever pass`,
  )
}
