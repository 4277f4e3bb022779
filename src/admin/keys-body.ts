/** What an operator asks for a key: the bodies of `POST keys` and `POST keys/<id>/rotate`, with every problem at its place. */
import * as z from 'zod/mini'
import type { Problem } from '../config/problem.ts'
import { type Refusal, refuse } from '../errors/refusal.ts'
import { environmentForm } from '../identity/keys/format.ts'
import { printable } from '../identity/keys/record.ts'
import { integer, map, object } from '../schema/atoms.ts'
import { withRule } from '../schema/rule.ts'
import type { AdminCall } from './call.ts'
import { problem, type ReadBody, readBody } from './read-body.ts'

const MAX_BODY_BYTES = 65_536
const MAX_NAMES = 100
const MAX_METADATA = 32
const MAX_SECONDS = 315_360_000 // ten years

const visible = (most: number) =>
  z.string().check(
    z.regex(new RegExp(`^[\\x21-\\x7e]{1,${most}}$`), {
      error: `1 to ${most} visible ASCII characters`,
    }),
  )
const names = z.array(visible(128)).check(z.maxLength(MAX_NAMES))
const routeNames = z
  .array(z.string().check(z.regex(/^[a-z0-9][a-z0-9._-]*$/, { error: 'the name of a route' })), {
    error: 'a list of names of routes',
  })
  .check(z.minLength(1), z.maxLength(MAX_NAMES))
const time = z.string().check(
  z.regex(/^\d{4}-\d\d-\d\dT\d\d:\d\d(?::\d\d(?:\.\d+)?)?(?:Z|[+-]\d\d:\d\d)$/, {
    error: 'a time with its zone such as "2027-01-31T00:00:00Z"',
  }),
)
const metadataValue = z.union([
  z
    .string()
    .check(
      z.maxLength(256),
      z.regex(printable, { error: 'at most 256 printable ASCII characters' }),
    ),
  z.number(),
  z.boolean(),
])
const ends = {
  expiresAt: z.optional(time),
  expiresInSeconds: z.optional(integer(60, MAX_SECONDS)),
}

const createSchema = withRule(
  object({
    consumer: visible(128),
    env: z.optional(
      z
        .string()
        .check(z.regex(environmentForm, { error: '1 to 12 lower-case letters and digits' })),
    ),
    plan: z.optional(visible(64)),
    scopes: z.optional(names),
    roles: z.optional(names),
    permissions: z.optional(names),
    metadata: z.optional(
      map(metadataValue).check(
        z.refine((value) => Object.keys(value).length <= MAX_METADATA, {
          error: `expected at most ${MAX_METADATA} values`,
        }),
      ),
    ),
    routes: z.optional(routeNames),
    ...ends,
    description: z.optional(z.string().check(z.maxLength(500))),
  }),
  onlyOneEnd,
)
export type CreateBody = z.infer<typeof createSchema>

const rotateSchema = withRule(
  object({
    graceSeconds: z.optional(integer(0, 2_592_000)), // thirty days
    ...ends,
  }),
  onlyOneEnd,
)
export type RotateBody = z.infer<typeof rotateSchema>

function onlyOneEnd(
  written: Readonly<Record<string, unknown>>,
  note: (path: readonly string[], message: string) => void,
): void {
  if (written.expiresAt === undefined || written.expiresInSeconds === undefined) return
  note(['expiresInSeconds'], 'expected either `expiresAt` or `expiresInSeconds`, found both')
}

const keyRequest = { limitBytes: MAX_BODY_BYTES, refuse: refuseBody }

export function readCreate(call: AdminCall): Promise<ReadBody<CreateBody>> {
  return readBody(call, { ...keyRequest, schema: createSchema })
}

/** An empty body asks for nothing in particular. */
export function readRotate(call: AdminCall): Promise<ReadBody<RotateBody>> {
  return readBody(call, { ...keyRequest, schema: rotateSchema, whenEmpty: '{}' })
}

/** When the key is to end by the body: milliseconds since 1970, null for never, or the fallback where it is silent. */
export function endOf(
  { expiresAt, expiresInSeconds }: Pick<RotateBody, 'expiresAt' | 'expiresInSeconds'>,
  { now, silent }: { readonly now: number; readonly silent: number | null },
): { readonly kind: 'end'; readonly at: number | null } | Refusal {
  if (expiresInSeconds !== undefined) return { kind: 'end', at: now + expiresInSeconds * 1_000 }
  if (expiresAt === undefined) return { kind: 'end', at: silent }
  const at = Date.parse(expiresAt)
  if (at > now) return { kind: 'end', at }
  const expected = 'a time that is yet to come'
  const found = JSON.stringify(expiresAt)
  return refuseBody([problem('/expiresAt', 'VALUE_INVALID', { found, expected })])
}

export function refuseBody(problems: readonly Problem[]): Refusal {
  return refuse('API_KEY_REQUEST_INVALID', { members: { problems } })
}
