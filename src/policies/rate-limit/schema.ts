/** `rate-limit`: how much of a route a caller may have in a window, and who counts as one caller. */
import * as z from 'zod/mini'
import { described, object } from '../../schema/atoms.ts'
import { rateShape } from '../../schema/limits.ts'
import { type Note, type Written, withRule } from '../../schema/rule.ts'
import { isWrittenObject } from '../../schema/written.ts'
import { costSchema, noteCostAbove } from '../limit-cost-schema.ts'
import { limitShape } from '../limit-schema.ts'
import { latePolicySchema } from '../schema.ts'
import { adaptiveSchema } from './adaptive-schema.ts'
import { isCountable, uncountable } from './core.ts'

export const rateLimitSchema = withRule(
  latePolicySchema('rate-limit', {
    limit: described('What may be spent in a window, on the average.', z.optional(rateShape.limit)),
    windowSeconds: described('The length of the window.', z.optional(rateShape.windowSeconds)),
    burst: rateShape.burst,
    limits: described(
      'Several windows in the place of `limit` and `windowSeconds`: a request needs room in all of them.',
      z.optional(z.array(object(rateShape)).check(z.minLength(1), z.maxLength(10))),
    ),
    plan: described(
      'In the place of `limit`: the limits of the consumer, of its plan, or of the consumer `anonymous`.',
      z.optional(z.literal(true)),
    ),
    cost: described(
      'What a request costs: a number (1 unless given; 0 asks nothing), a template, or `{ "response": …, "reserve": … }` for what the answer says.',
      z.optional(costSchema),
    ),
    adaptive: described(
      'Lets less through while an upstream is slow or fails; by `priority` of route or plan the less important go first, with 503.',
      z.optional(adaptiveSchema),
    ),
    countHits: described(
      'Whether requests that the cache answers count. They do unless false.',
      z.optional(z.boolean()),
    ),
    legacyHeaders: described(
      'Whether answers also carry `X-RateLimit-Limit`, `-Remaining` and `-Reset`.',
      z.optional(z.boolean()),
    ),
    ...limitShape,
    onStoreFault: described(
      'When the bucket cannot be asked: `local` (default) counts in this isolate alone up to a tenth of `limit`, `allow` lets pass, `deny` refuses with 503.',
      z.optional(z.enum(['allow', 'deny', 'local'])),
    ),
  }),
  judge,
)
export type RateLimitOptions = z.infer<typeof rateLimitSchema>

const single = ['limit', 'windowSeconds', 'burst'] as const

function judge(written: Written, note: Note): void {
  const { limits, plan } = written
  if (plan !== undefined || limits !== undefined) {
    const instead = plan === undefined ? '`limits`' : '`plan: true`'
    const others = plan === undefined ? single : [...single, 'limits']
    for (const key of others) {
      if (written[key] !== undefined) note([key], `expected no \`${key}\` beside ${instead}`)
    }
  } else {
    for (const key of ['limit', 'windowSeconds']) {
      if (written[key] === undefined) note([], `expected \`${key}\`, \`limits\` or \`plan: true\``)
    }
    judgeRate(written, written, [], note)
  }
  if (plan !== undefined || !Array.isArray(limits)) return
  for (const [index, rate] of limits.entries()) {
    if (isWrittenObject(rate)) judgeRate(rate, written, ['limits', index], note)
  }
}

/** A bucket has to be countable exactly, and to hold what one request costs. */
function judgeRate(rate: Written, written: Written, at: readonly (string | number)[], note: Note) {
  const { limit, windowSeconds, burst = limit } = rate
  if (typeof limit !== 'number' || typeof windowSeconds !== 'number' || typeof burst !== 'number') {
    return
  }
  const spec = { limit, windowSeconds, burst }
  if (!isCountable(spec)) note(at, uncountable(spec))
  noteCostAbove(burst, written, note)
}
