/**
 * The atoms from which every schema of the document is made. One rule for all objects: unknown keys are
 * problems, but for `description` and keys that start with `x-` (ROUTES.md §1).
 * A schema has no defaults and renames nothing: a table that was accepted once is read again as plain JSON.
 * The message of a check is a noun phrase, what was expected: config/messages.ts puts "expected" before it
 * and what was found after it. The message of a refinement is a whole sentence.
 */
import * as z from 'zod/mini'
import { tokenForm } from '../http/field-values.ts'
import { VariableRef } from './variable-ref.ts'

/** Adds the sentence that the reference pages and editors show. */
export function described<T extends z.core.SomeType & { check: (...checks: never[]) => unknown }>(
  sentence: string,
  schema: T,
): T {
  return (schema.check as (check: unknown) => T)(z.describe(sentence))
}

/** An object whose unknown keys are problems. */
export function object<T extends z.core.$ZodLooseShape>(shape: T) {
  const known = new Set([...Object.keys(shape), 'description'])
  const noUnknownKeys = z.check<Record<string, unknown>>((payload) => {
    const { value } = payload
    if (typeof value !== 'object' || value === null || Array.isArray(value)) return
    const keys = Object.keys(value).filter((key) => !known.has(key) && !key.startsWith('x-'))
    if (keys.length === 0) return
    // `known` goes with the issue, so that the message can name the nearest key.
    payload.issues.push({ code: 'unrecognized_keys', keys, known: [...known], input: value })
  })
  // Without this the check is left out as soon as any value in the object is wrong, and the operator
  // would see the misspelled key only after mending the rest.
  noUnknownKeys._zod.def.when = () => true
  const schema = z.looseObject(shape)
  return schema.check(noUnknownKeys as never) as unknown as z.ZodMiniObject<T, z.core.$strip>
}

const identifier = z.regex(/^[A-Za-z_][A-Za-z0-9_]*$/, {
  error: 'a name of letters, digits and "_"',
})

const variableRef = z.pipe(
  z.strictObject({ var: z.string().check(identifier) }, { error: '{ "var": "NAME" }' }),
  z.transform((reference) => new VariableRef(reference.var)),
)

/**
 * A string, or `{ "var": "NAME" }` in its place (ROUTES.md §1). The type says string: variables are
 * resolved, and the document read again with their values, before anything is compiled.
 */
export function text(...checks: z.core.$ZodCheck<string>[]): z.ZodMiniType<string> {
  const string = checks.length === 0 ? z.string() : z.string().check(...checks)
  return z.union([string, variableRef]) as unknown as z.ZodMiniType<string>
}

/** A Worker secret by name. Where it stands the document never holds the value itself. */
export const secretRef = z.strictObject(
  {
    secret: z.string().check(
      z.regex(/^(?!ADMIN_|ISOGATE_)[A-Za-z_][A-Za-z0-9_]*$/, {
        error: 'a name of letters, digits and "_" that begins with neither ADMIN_ nor ISOGATE_',
      }),
    ),
    prefix: z.optional(
      z.string().check(z.regex(/^[^\r\n\0]*$/, { error: 'text without line breaks and NUL' })),
    ),
  },
  { error: '{ "secret": "NAME" }' },
)
export type SecretRef = z.infer<typeof secretRef>

/** An integer from `least` to `most`, both included. */
export function integer(least: number, most: number) {
  const error = `an integer from ${least} to ${most}`
  return z.int({ error }).check(z.minimum(least, { error }), z.maximum(most, { error }))
}

const percentError = 'a number from 0 to 100'
/** A share of a hundred; fractions are taken. */
export const percent = z
  .number({ error: percentError })
  .check(z.minimum(0, { error: percentError }), z.maximum(100, { error: percentError }))

/** Seconds, up to one year. */
export const seconds = integer(1, 31_536_000)

/** Milliseconds, up to one day. */
export const milliseconds = integer(1, 86_400_000)
/** Bytes, up to 100 GiB. */
export const bytes = integer(0, 107_374_182_400)

/** A field name (RFC 9110 §5.1: token). */
export const headerName = text(z.regex(tokenForm, { error: 'the name of a header field' }))
/** A method (RFC 9110 §9.1: token), in capitals as all registered ones are. */
export const method = text(
  z.regex(/^[!#$%&'*+\-.^_`|~0-9A-Z]+$/, { error: 'a method in capitals' }),
)
const nameForm = z.regex(/^[a-z0-9][a-z0-9._-]*$/, {
  error: 'a name of lower-case letters, digits, ".", "_" and "-"',
})
/** A name that the document gives itself: plain text, the same in every environment. */
export const label = z.string().check(nameForm)
/** A name that may differ from one environment to the next. */
export const name = text(nameForm)

/** A map from names to values: here every key is data, none is a comment. */
export function map<T extends z.core.SomeType>(value: T, key: z.ZodMiniType<string> = z.string()) {
  return z.record(key as z.ZodMiniString, value)
}
