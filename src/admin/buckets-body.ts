/** What an operator asks of a bucket: the parameters of `GET buckets` and the body of `POST buckets`. */
import * as z from 'zod/mini'
import type { BucketChange } from '../buckets/messages.ts'
import type { Problem } from '../config/problem.ts'
import { type Refusal, refuse } from '../errors/refusal.ts'
import { integer, object } from '../schema/atoms.ts'
import { withRule } from '../schema/rule.ts'
import type { AdminCall } from './call.ts'
import { readBody } from './read-body.ts'

const MAX_BODY_BYTES = 65_536 // Values of a key may be header fields.

/** Which key of which policy. */
export interface AskedKey {
  readonly policy: string
  readonly key: readonly string[]
  /** The location whose bucket it is, where each has its own. */
  readonly colo: string | null
}

export interface AskedChange extends AskedKey {
  /** Only the bucket of this name; null is all of the key. */
  readonly bucket: string | null
  readonly change: BucketChange
}

const text = z.string()

const changeSchema = withRule(
  object({
    policy: text,
    key: z.array(text),
    colo: z.optional(text),
    bucket: z.optional(text),
    reset: z.optional(z.literal(true)),
    topUp: z.optional(integer(1, 1_000_000_000)), // As much as a bucket can hold.
  }),
  ({ reset, topUp }, note) => {
    if ((reset === undefined) !== (topUp === undefined)) return
    const found = reset === undefined ? 'none' : 'both'
    note([], `expected either \`reset\` or \`topUp\`, found ${found}`)
  },
)

/** Null where the list of all is asked for. */
export function readAskedKey({ target }: AdminCall): AskedKey | null {
  const query = new URLSearchParams(target.query)
  if (!query.has('policy') && !query.has('key')) return null
  return { policy: query.get('policy') ?? '', key: query.getAll('key'), colo: query.get('colo') }
}

export async function readAskedChange(
  call: AdminCall,
): Promise<{ readonly kind: 'read'; readonly asked: AskedChange } | Refusal> {
  const read = await readBody(call, {
    schema: changeSchema,
    limitBytes: MAX_BODY_BYTES,
    refuse: refuseBuckets,
  })
  if (read.kind === 'refused') return read
  const { policy, key, colo = null, bucket = null, topUp } = read.body
  const change: BucketChange =
    topUp === undefined ? { kind: 'reset' } : { kind: 'top-up', tokens: topUp }
  return { kind: 'read', asked: { policy, key, colo, bucket, change } }
}

export function refuseBuckets(problems: readonly Problem[]): Refusal {
  return refuse('BUCKET_REQUEST_INVALID', { members: { problems } })
}
