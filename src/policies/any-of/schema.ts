/** `any-of`: identity policies of which one has to know the caller. */
import * as z from 'zod/mini'
import { described } from '../../schema/atoms.ts'
import { type Note, type Written, withRule } from '../../schema/rule.ts'
import { isWrittenObject } from '../../schema/written.ts'
import { guardSchema } from '../guard.ts'

/** A policy within, as the schema of its `use` left it. */
export interface InnerIdentity {
  readonly use: string
}

/** A policy cannot name the others: config/schema.ts puts the schemas of the identity policies in this place. */
const anyPolicy = z.looseObject({ use: z.string() }) as unknown as z.ZodMiniType<InnerIdentity>

/** Keys that would make the policies within more or less than alternatives. */
const ofTheWhole = ['mode', 'when', 'optional'] as const

/** The schema of `any-of` over these policies. */
export function makeAnyOfSchema(inner: z.ZodMiniType<InnerIdentity>) {
  return withRule(
    guardSchema('any-of', {
      policies: described(
        'Identity policies: the first whose credential is there decides.',
        z.array(inner).check(z.minLength(1)),
      ),
      optional: described(
        'Whether a caller without any of the credentials passes, anonymous. False unless given.',
        z.optional(z.boolean()),
      ),
    }),
    checkInner,
  )
}

function checkInner({ policies }: Written, note: Note): void {
  if (!Array.isArray(policies)) return
  for (const [index, entry] of (policies as unknown[]).entries()) {
    if (!isWrittenObject(entry)) continue
    for (const key of ofTheWhole) {
      if (entry[key] === undefined) continue
      note(
        ['policies', index, key],
        `expected no \`${key}\` within any-of: it stands beside \`policies\`, for all of them`,
      )
    }
  }
}

export const anyOfSchema = makeAnyOfSchema(anyPolicy)
export type AnyOfOptions = z.infer<typeof anyOfSchema>
