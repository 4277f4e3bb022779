/** Keys that every limit has: whose bucket it is, where it lives, and what a store that fails comes to. */
import * as z from 'zod/mini'
import { locationHints } from '../buckets/shape.ts'
import { described, integer, text } from '../schema/atoms.ts'
import { judgeKeyPart } from './limit-key-parts.ts'

const isKeyPart = z.check<string>((payload) => {
  const expected = judgeKeyPart(payload.value)
  if (expected === null) return
  payload.issues.push({
    code: 'custom',
    input: payload.value,
    message: `expected ${expected}, found ${JSON.stringify(payload.value)}`,
    continue: true,
  })
}) as z.core.$ZodCheck<string>

/** Keys of src/policies/limit-key.ts. */
export const limitKeyShape = {
  by: described(
    'Whose bucket it is: short forms (`consumer`, `route`, `country`, `global`), names of the template vocabulary such as `client.ip` or `claims.org`, or templates; together one key. `["consumer"]` unless given.',
    z.optional(z.array(text(isKeyPart)).check(z.minLength(1), z.maxLength(8))), // Keys of more parts are not met.
  ),
  scope: described(
    '`global` (default): one bucket all over the world. `colo`: one in each location, with its own `limit`.',
    z.optional(z.enum(['global', 'colo'])),
  ),
  location: described(
    'Where the object of the bucket should be made; near its first caller unless given.',
    z.optional(z.enum(locationHints)),
  ),
}

/** What a store that fails comes to; `usual` is what the policy does unless the table says otherwise. */
export function storeShape(usual: 'allow' | 'deny' | 'local') {
  const word = (name: typeof usual) => (name === usual ? `\`${name}\` (default)` : `\`${name}\``)
  return {
    storeTimeoutMs: described(
      'How long a request waits for the object of the bucket; 1000 unless given.',
      z.optional(integer(1, 30_000)), // Beyond half a minute a client is gone.
    ),
    onStoreFault: described(
      `When the object cannot be asked: ${word('allow')} lets pass, ${word('deny')} refuses with 503, ${word('local')} counts in this isolate alone, at most 10 % of \`limit\`.`,
      z.optional(z.enum(['allow', 'deny', 'local'])),
    ),
  }
}
