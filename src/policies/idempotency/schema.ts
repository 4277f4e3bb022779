/** `idempotency`: which requests take a key, and for how long their answers are given again. */
import * as z from 'zod/mini'
import {
  described,
  headerName,
  integer,
  method,
  milliseconds,
  seconds,
} from '../../schema/atoms.ts'
import { latePolicySchema } from '../schema.ts'

// A value in a Durable Object has at most 2 MB, the fields beside the body included.
const MOST_BODY_BYTES = 1_572_864

export const idempotencySchema = latePolicySchema('idempotency', {
  header: described(
    'The field that carries the key. `Idempotency-Key` unless given.',
    z.optional(headerName),
  ),
  methods: described(
    'The methods that take a key; others pass untouched. `["POST", "PATCH"]` unless given.',
    z.optional(z.array(method).check(z.minLength(1), z.maxLength(20))),
  ),
  required: described(
    'True: a request without a key is refused. False (default): it runs like any other.',
    z.optional(z.boolean()),
  ),
  ttlSeconds: described(
    'For how long an answer is given again, from when it was there. 86400, a day, unless given.',
    z.optional(seconds),
  ),
  maxBodyBytes: described(
    'The largest body that is kept for later requests. 262144 unless given, at most 1572864.',
    z.optional(integer(0, MOST_BODY_BYTES)),
  ),
  onUnknown: described(
    'When a request was sent and nobody knows what it came to: `free` (default) lets the next one with its key run, `keep` refuses it.',
    z.optional(z.enum(['free', 'keep'])),
  ),
  storeTimeoutMs: described(
    'How long a request waits for the store of keys; then `onStoreFault` decides. 1000 unless given.',
    z.optional(milliseconds),
  ),
  onStoreFault: described(
    'When the store cannot be asked: `deny` (default) refuses with 503, `allow` sends the request as if it had no key.',
    z.optional(z.enum(['allow', 'deny'])),
  ),
})
export type IdempotencyOptions = z.infer<typeof idempotencySchema>
