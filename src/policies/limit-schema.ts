/** The keys that every limit has: whose bucket it is, where that lives, and what happens when its store fails. */
import * as z from 'zod/mini'
import { locationHints } from '../buckets/shape.ts'
import { described, milliseconds, text } from '../schema/atoms.ts'
import { fitsTemplate } from '../template/schema.ts'
import { judgeKeyPart } from './limit-key-parts.ts'

/** One entry of `by`: a short form, a name of the vocabulary, or a template. */
export const keyPart = text(
  fitsTemplate((written) => {
    const expected = judgeKeyPart(written)
    return expected === null ? null : `expected ${expected}`
  }),
)

/** Keys of every limit. */
export const limitShape = {
  by: described(
    'Whose bucket it is: a list, together one key, of `consumer`, `route`, `country`, `global`, names such as `client.ip` or `claims.org`, and templates. `["consumer"]` unless given: the verified caller, else the address.',
    z.optional(z.array(keyPart).check(z.minLength(1), z.maxLength(10))),
  ),
  scope: described(
    '`global` (default): one bucket for the whole world. `colo`: one for each location of the network.',
    z.optional(z.enum(['global', 'colo'])),
  ),
  location: described(
    'Where new buckets are kept, such as `weur`; near the first caller unless given.',
    z.optional(z.enum(locationHints)),
  ),
  storeTimeoutMs: described(
    'How long a request waits for its bucket; then `onStoreFault` decides. 1000 unless given.',
    z.optional(milliseconds),
  ),
}
