/** Random tables whose shape is right, for properties of configuration and compile. */
import fc from 'fast-check'

const label = fc.stringMatching(/^[a-z][a-z0-9-]{0,8}$/)
const host = fc.stringMatching(/^(\*\.)?[a-z]{1,5}\.example\.com$/)
const path = fc.stringMatching(/^(\/[a-z]{1,3}){1,3}(\/\*)?$/)
const headerName = fc.stringMatching(/^x-[a-z]{1,6}$/)

/** Text, or a variable in its place. */
const orVariable = (text: fc.Arbitrary<string>) =>
  fc.oneof(
    { weight: 5, arbitrary: text },
    {
      weight: 1,
      arbitrary: fc.stringMatching(/^[A-Z][A-Z_]{0,5}$/).map((name) => ({ var: name })),
    },
  )

const condition = fc.oneof(
  fc.string(),
  fc.record({ prefix: fc.string({ minLength: 1 }) }),
  fc.record({ present: fc.boolean() }),
  fc.array(fc.string(), { minLength: 1, maxLength: 3 }),
)

const match = fc.record(
  {
    hosts: fc.array(orVariable(host), { minLength: 1, maxLength: 3 }),
    path: orVariable(path),
    methods: fc.subarray(['GET', 'POST', 'PUT', 'DELETE'], { minLength: 1 }),
    headers: fc.dictionary(headerName, condition, { maxKeys: 2 }),
    // A key `__proto__` is refused wherever it stands, which load.test.ts holds.
    'x-note': fc.jsonValue().filter((value) => !JSON.stringify(value).includes('__proto__')),
  },
  { requiredKeys: [] },
)

const mode = fc.constantFrom('enforce', 'shadow', 'off')
const policy = fc.oneof(
  fc.record({ use: fc.constant('request-id'), mode }),
  fc.record({ use: fc.constant('ip-filter'), deny: fc.constant(['10.0.0.0/8']), when: match }),
  fc.record({
    use: fc.constant('request-headers'),
    set: fc.dictionary(headerName, fc.stringMatching(/^[a-z]{1,5}$/), { minKeys: 1, maxKeys: 2 }),
  }),
)

const target = orVariable(fc.stringMatching(/^http:\/\/[a-z]{1,5}:[1-9][0-9]{1,3}$/))

const upstream = fc.record(
  {
    targets: fc.array(target, { minLength: 1, maxLength: 2 }),
    timeoutMs: fc.integer({ min: 1, max: 86_400_000 }),
    description: fc.string(),
  },
  { requiredKeys: ['targets'] },
)

const answer = fc.oneof(
  fc.record({ upstream: fc.oneof(orVariable(label), upstream) }),
  fc.record({ respond: fc.record({ status: fc.integer({ min: 200, max: 599 }) }) }),
  fc.record({ redirect: fc.record({ status: fc.constantFrom(301, 302, 303, 307, 308) }) }),
)

const route = fc
  .tuple(
    fc.record({
      name: label,
      match: fc.oneof(match, fc.array(match, { minLength: 1, maxLength: 2 })),
    }),
    fc.record({ policies: fc.array(policy, { maxLength: 3 }) }, { requiredKeys: [] }),
    answer,
  )
  .map(([head, policies, end]) => ({ ...head, ...policies, ...end }))

/** Documents as plain JSON; their references may lead nowhere. */
export const tables = fc.record(
  {
    version: fc.constant(1),
    upstreams: fc.dictionary(label, upstream, { maxKeys: 3 }),
    policySets: fc.dictionary(label, fc.array(policy, { maxLength: 2 }), { maxKeys: 2 }),
    paths: fc.record({ emptySegments: fc.constantFrom('keep', 'merge', 'reject') }),
    routes: fc.array(route, { maxLength: 5 }),
  },
  { requiredKeys: ['version', 'routes'] },
)
