/** `quota`: how much may be spent in a period of the calendar, or in one of so many days from an anchor. */
import * as z from 'zod/mini'
import { described, integer } from '../../schema/atoms.ts'
import { quotaRule, quotaShape } from '../../schema/limits.ts'
import { withRule } from '../../schema/rule.ts'
import { costSchema, noteCostAbove } from '../limit-cost-schema.ts'
import { limitShape } from '../limit-schema.ts'
import { latePolicySchema } from '../schema.ts'

const { limit, per, anchor, everyDays } = quotaShape

export const quotaSchema = withRule(
  latePolicySchema('quota', {
    limit: described('What may be spent in a period.', z.optional(limit)),
    per: described(
      'The period: calendar ones are in UTC, weeks begin on Monday; `anchored` ones every `everyDays` from `anchor`.',
      z.optional(per),
    ),
    anchor,
    everyDays,
    plan: described(
      'In the place of `limit` and `per`: the quotas of the consumer, of its plan, or of the consumer `anonymous`.',
      z.optional(z.literal(true)),
    ),
    warnAt: described(
      'Shares of the quota, in percent: from the first of them on, answers carry `Isogate-Quota-Warning`. None unless given.',
      z.optional(z.array(integer(1, 100)).check(z.minLength(1), z.maxLength(10))),
    ),
    cost: described(
      'What a request counts for: a number (1 unless given), a template that gives one, or what the answer says.',
      z.optional(costSchema),
    ),
    ...limitShape,
    onStoreFault: described(
      'When the bucket cannot be asked: `deny` (default) refuses with 503, `local` counts in this isolate alone up to a tenth of `limit`, `allow` lets pass.',
      z.optional(z.enum(['allow', 'deny', 'local'])),
    ),
  }),
  (written, note) => {
    if (written.plan === undefined) {
      for (const key of ['limit', 'per']) {
        if (written[key] === undefined) note([], `expected \`${key}\`, or \`plan: true\``)
      }
      quotaRule(written, note)
      noteCostAbove(written.limit, written, note)
      return
    }
    for (const key of ['limit', 'per', 'anchor', 'everyDays']) {
      if (written[key] !== undefined) note([key], `expected no \`${key}\` beside \`plan: true\``)
    }
  },
)
export type QuotaOptions = z.infer<typeof quotaSchema>
