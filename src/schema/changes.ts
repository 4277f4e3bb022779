/** The four keys of a policy that changes named values; http/changes.ts says in which order the changes are made. */
import * as z from 'zod/mini'
import { described } from './atoms.ts'
import { type Note, needOneOf, type Written } from './rule.ts'

/** What is changed, and by what. */
export interface ChangeSchemas<Name, Renames, Values> {
  readonly things: 'fields' | 'parameters'
  readonly name: Name
  /** A map from old names to new ones. */
  readonly renames: Renames
  /** A map from names to values. */
  readonly values: Values
  /** What a value may be, in words. */
  readonly valueIs: string
}

export function changesShape<
  Name extends z.core.SomeType,
  Renames extends z.core.SomeType,
  Values extends z.core.SomeType,
>({ things, name, renames, values, valueIs }: ChangeSchemas<Name, Renames, Values>) {
  return {
    remove: described(`Names of ${things} to remove.`, z.optional(z.array(name))),
    rename: described(
      'Old name → new name; what stood under the new name is replaced.',
      z.optional(renames),
    ),
    set: described(`Name → value, ${valueIs}; what stood there is replaced.`, z.optional(values)),
    add: described(`Name → value, ${valueIs}; added after what stands there.`, z.optional(values)),
  }
}

export function needOneChange(written: Written, note: Note): void {
  needOneOf(written, note, ['set', 'add', 'rename', 'remove'])
}
