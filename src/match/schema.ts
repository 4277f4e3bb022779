/**
 * What a route, or a policy's `when`, asks of a request (ROUTES.md §2). Every rule that a string can break
 * by itself is checked here, so that the operator sees it with the other problems of the document.
 */
import * as z from 'zod/mini'
import { checkLinear } from '../regex/linear.ts'
import { described, headerName, integer, map, method, object, text } from '../schema/atoms.ts'
import { asn, cidr, continent, country } from '../schema/client.ts'
import { headerMap } from '../schema/header-names.ts'
import { parseHostPattern } from './host-pattern.ts'
import { parsePath } from './path-pattern.ts'
import { checkPathRegex } from './path-regex.ts'

// A body that chooses the route is held in memory, beside those of all requests of the isolate (128 MB).
const MAX_BODY_LIMIT_BYTES = 1_048_576

/** A check on a string alone: `expectation` gives what was expected instead, or null where all is well. */
function rule(expectation: (value: string) => string | null) {
  return z.check<string>((payload) => {
    const expected = expectation(payload.value)
    if (expected === null) return
    payload.issues.push({
      code: 'invalid_format',
      format: 'match',
      origin: 'string',
      input: payload.value,
      message: expected,
    })
  })
}

const host = text(
  rule((value) => {
    const pattern = parseHostPattern(value)
    return pattern.kind === 'invalid' ? pattern.expected : null
  }),
)

const pathText = text(
  rule((value) => {
    const pattern = parsePath(value)
    return pattern.kind === 'invalid' ? pattern.expected : null
  }),
)

const pathRegex = text(rule(checkPathRegex))

/** A regular expression: JavaScript with flag `u`, bounded by the linear-time check. */
export const regexText = text(
  rule((value) => {
    const checked = checkLinear(value)
    return checked.kind === 'linear'
      ? null
      : `a regular expression in linear time: ${checked.reason}`
  }),
)

const jsonPointer = z
  .string()
  .check(
    rule((value) =>
      /^(?:\/(?:[^~/]|~[01])*)*$/.test(value)
        ? null
        : 'a JSON Pointer such as "/order/type" (RFC 6901)',
    ),
  )

const queryName = z.string().check(z.minLength(1))

/** One test of a value that may be there or not. */
export type ValueTest =
  | string
  | { readonly regex: string }
  | { readonly prefix: string }
  | { readonly present: boolean }
  | { readonly not: ValueCondition }

/** A test, or a list of which one must hold. */
export type ValueCondition = ValueTest | readonly ValueTest[]

/** The same for a value of a JSON body, where numbers, booleans and null can stand as well. */
export type BodyTest = ValueTest | number | boolean | null
export type BodyCondition = BodyTest | readonly BodyTest[]

const later = (): z.ZodMiniType<ValueCondition> => z.lazy(() => valueCondition)

const conditionObjects = [
  object({
    regex: described('A regular expression that is searched in the value.', regexText),
  }),
  object({ prefix: described('What the value starts with.', text(z.minLength(1))) }),
  object({
    present: described('Whether the value is there at all, be it empty.', z.boolean()),
  }),
  object({
    not: described(
      'A condition, or a list, that must not hold. It holds for an absent value unless `present: false` is what it denies.',
      later(),
    ),
  }),
] as const

const anyOf = <T extends z.core.SomeType>(test: T) => z.array(test).check(z.minLength(1))

const valueTest = z.union([text(), ...conditionObjects])

/** A condition on a header, query or similar value. */
export const valueCondition = z.union([
  valueTest,
  anyOf(valueTest),
]) as unknown as z.ZodMiniType<ValueCondition>

const bodyTest = z.union([text(), z.number(), z.boolean(), z.null(), ...conditionObjects])
/** The same for a value of a JSON document. */
export const bodyCondition = z.union([
  bodyTest,
  anyOf(bodyTest),
]) as unknown as z.ZodMiniType<BodyCondition>

const clientSchema = object({
  ips: described(
    'Addresses and CIDR blocks, IPv4 and IPv6, of which one must hold the client. No address known: no match.',
    z.optional(anyOf(cidr)),
  ),
  countries: described('Countries (ISO 3166-1, two capitals).', z.optional(anyOf(country))),
  continents: described('Continents: AF, AN, AS, EU, NA, OC or SA.', z.optional(anyOf(continent))),
  asns: described('Numbers of autonomous systems.', z.optional(anyOf(asn))),
})

/** The keys of a match object, for schemas that take more beside them. */
export const matchShape = {
  hosts: described(
    'Host names, exact or `*.example.com` (one or more labels). Case, port and one trailing dot do not count; Unicode names are read as punycode.',
    z.optional(anyOf(host)),
  ),
  path: described(
    '`/a` is exact, `/a/*` the prefix by whole segments, `:name` one segment, a last `*name` the rest; or `{ "regex": "^/…" }` on the normalized, still encoded path, whose named groups become params. Case counts.',
    z.optional(
      z.union([
        pathText,
        object({
          regex: described('A regular expression that starts with `^`.', pathRegex),
        }),
      ]),
    ),
  ),
  methods: described(
    'Methods in capitals. `GET` also answers `HEAD`. All methods unless given.',
    z.optional(anyOf(method)),
  ),
  headers: described(
    'Conditions on request headers by name. A repeated header is compared as one value joined by ", ".',
    z.optional(headerMap(valueCondition, headerName)),
  ),
  query: described(
    'Conditions on decoded query parameters by name. Of a repeated name the first counts.',
    z.optional(map(valueCondition, queryName)),
  ),
  body: described(
    'Conditions on a JSON body by JSON Pointer. Another media type does not match; a body that is too long is 413, unparsable 400, encoded 415.',
    z.optional(map(bodyCondition, jsonPointer)),
  ),
  bodyLimitBytes: described(
    'How many bytes of body are read for `body`: 65536 unless given, at most 1 MiB.',
    z.optional(integer(1, MAX_BODY_LIMIT_BYTES)),
  ),
  client: described(
    'Conditions on where the request comes from; every key that is given must hold.',
    z.optional(clientSchema),
  ),
}

/** `bodyLimitBytes` says how much of a body is read: it needs a condition on one. */
export const limitNeedsBody = z.check<{ body?: unknown; bodyLimitBytes?: unknown }>((payload) => {
  if (payload.value.bodyLimitBytes === undefined || payload.value.body !== undefined) return
  payload.issues.push({
    code: 'custom',
    input: payload.value.bodyLimitBytes,
    path: ['bodyLimitBytes'],
    message: '`bodyLimitBytes` needs `body`: without conditions on the body none is read',
  })
})

/** One match: all of it must hold. */
export const matchSchema = object(matchShape).check(limitNeedsBody)
export type MatchSpec = z.infer<typeof matchSchema>

/** `match` of a route: a match, or a list of which one must hold. */
export const matchListSchema = z.union([matchSchema, anyOf(matchSchema)])
