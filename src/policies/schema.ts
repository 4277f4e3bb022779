/** What every entry of `policies` takes, whatever its `use` (ROUTES.md §1). */
import * as z from 'zod/mini'
import { limitNeedsBody, matchShape } from '../match/schema.ts'
import { described, name, object, text } from '../schema/atoms.ts'
import { needOneOf, withRule } from '../schema/rule.ts'

const names = z.array(text(z.minLength(1))).check(z.minLength(1))

/** Who must be calling: every key that is given must hold. */
const callerSchema = withRule(
  object({
    anonymous: described(
      'True: only for callers without identity. False: only for callers with one.',
      z.optional(z.boolean()),
    ),
    plans: described(
      'Plans of which the consumer has one; who is no consumer has none.',
      z.optional(names),
    ),
    roles: described('Roles of which the caller has at least one.', z.optional(names)),
  }),
  (written, note) => {
    needOneOf(written, note, ['anonymous', 'plans', 'roles'])
    if (written.anonymous !== true) return
    for (const key of ['plans', 'roles']) {
      if (written[key] === undefined) continue
      note([key], `expected no \`${key}\` beside \`anonymous: true\`: an anonymous caller has none`)
    }
  },
)
export type CallerSpec = z.infer<typeof callerSchema>

/** A condition on the caller, for policies that run once it is known. */
export const callerCondition = described(
  'Who must be calling, by what the identity policies found: `anonymous`, `plans`, `roles`.',
  z.optional(callerSchema),
)

/** In the place of `consumer` where who is calling is not known yet, or is what the policy finds out. */
export const noConsumer = z.optional(
  z.never({
    error:
      'no `consumer` here: who is calling is known only after the identity policies, for policies of the stages limit, validate, shape and reuse',
  }),
)

/** `when` of policies that run before who is calling is known. */
export const whenSchema = object({ ...matchShape, consumer: noConsumer }).check(limitNeedsBody)

/** `when` of policies that run afterwards. */
export const whenCallerSchema = object({
  ...matchShape,
  consumer: callerCondition,
}).check(limitNeedsBody)

/** The schema of one policy of a stage up to `permit`: the keys that all have, and its own. */
export function policySchema<Use extends string, Shape extends z.core.$ZodLooseShape>(
  use: Use,
  shape: Shape,
) {
  return object({ ...commonShape(use, whenSchema), ...shape })
}

/** The same for a policy of a later stage: its `when` may ask who is calling. */
export function latePolicySchema<Use extends string, Shape extends z.core.$ZodLooseShape>(
  use: Use,
  shape: Shape,
) {
  return object({ ...commonShape(use, whenCallerSchema), ...shape })
}

function commonShape<Use extends string, When extends z.core.SomeType>(use: Use, when: When) {
  return {
    use: described('Which policy this is.', z.literal(use)),
    mode: described(
      '`enforce` (default), `shadow` (decide and log, but let pass and change nothing) or `off`.',
      z.optional(z.enum(['enforce', 'shadow', 'off'])),
    ),
    name: described(
      'Its name in logs and in `skip`; `<use>-<n>`, counted in the route, unless given.',
      z.optional(name),
    ),
    when: described(
      'A match, read on the request as received, that must hold for the policy to run.',
      z.optional(when),
    ),
  }
}
