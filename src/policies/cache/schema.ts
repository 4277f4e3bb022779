/** `cache`: which answers are kept, for how long, and for whom. */
import * as z from 'zod/mini'
import { limitNeedsBody, matchShape } from '../../match/schema.ts'
import {
  bytes,
  described,
  integer,
  map,
  milliseconds,
  object,
  seconds,
  text,
} from '../../schema/atoms.ts'
import { type Note, type Written, withRule } from '../../schema/rule.ts'
import { templateFieldText } from '../../template/schema.ts'
import { keyPart } from '../limit-schema.ts'
import { latePolicySchema } from '../schema.ts'

const status = integer(200, 599)
const statusKey = z
  .string()
  .check(z.regex(/^[2-5][0-9]{2}$/, { error: 'a status from 200 to 599' }))

const lifetime = integer(0, 31_536_000)

const paramName = text(z.minLength(1))

const querySchema = withRule(
  object({
    sort: described(
      'Whether the order of parameters counts for nothing. It counts unless true.',
      z.optional(z.boolean()),
    ),
    only: described(
      'The parameters that count; all others do not, and do not reach the service.',
      z.optional(z.array(paramName)),
    ),
    ignore: described(
      'Parameters that do not count and do not reach the service; a name that ends in `*` is a prefix. `utm_*` and the click ids of advertisers unless given.',
      z.optional(z.array(paramName)),
    ),
  }),
  (written, note) => {
    if (written.only === undefined || written.ignore === undefined) return
    note(['ignore'], 'expected no `ignore` beside `only`: what is not listed there does not count')
  },
)

/** What is said of answers that are kept, also by a call of an aggregate. */
export const cacheShape = {
  ttlSeconds: described(
    'How long an answer is fresh where the service does not say.',
    z.optional(lifetime),
  ),
  override: described(
    'Whether `ttlSeconds` and `ttlByStatus` win over what the service says, `no-store` and `no-cache` included; never over `private`, `Set-Cookie`, `Vary: *` and the rule for Authorization.',
    z.optional(z.boolean()),
  ),
  ttlByStatus: described(
    'Lifetimes in seconds by status, before `ttlSeconds`.',
    z.optional(map(lifetime, statusKey)),
  ),
  methods: described(
    'Methods whose answers are looked for and kept: GET and HEAD unless given. POST keeps an answer that says its lifetime and names its own URL in Content-Location, for GET.',
    z.optional(z.array(z.enum(['GET', 'HEAD', 'POST'])).check(z.minLength(1))),
  ),
  statuses: described(
    'Statuses that may be kept: all that the service gives a lifetime unless given.',
    z.optional(z.array(status).check(z.minLength(1))),
  ),
  heuristicPercent: described(
    'The share of the time since Last-Modified for which an answer without lifetime is fresh, at most a day: 10 unless given, 0 for none.',
    z.optional(integer(0, 100)),
  ),
  varyBy: described(
    'What two requests must have in common to share an answer, beside what is always in the key: names that templates know, short forms, or templates.',
    z.optional(z.array(keyPart)),
  ),
  query: described('Which parameters of the query count.', z.optional(querySchema)),
  private: described(
    'Whether each caller has answers of its own. True where a request has an identity, unless given; with `true` an anonymous request passes by the cache; with `false` all callers share.',
    z.optional(z.boolean()),
  ),
  bypass: described(
    'Requests that pass by the cache: a match, or a list of which one must hold.',
    z.optional(
      z.union([
        object(matchShape).check(limitNeedsBody),
        z.array(object(matchShape).check(limitNeedsBody)).check(z.minLength(1)),
      ]),
    ),
  ),
  clientDirectives: described(
    '`follow` (default): Cache-Control of a request is followed. `ignore`: only its `no-store`, and nothing else, is.',
    z.optional(z.enum(['follow', 'ignore'])),
  ),
  maxBodyBytes: described('The largest body that is kept: 64 MiB unless given.', z.optional(bytes)),
  stripCookies: described(
    'Whether answers that set cookies are kept, without the cookies. They are not kept unless true.',
    z.optional(z.boolean()),
  ),
  staleWhileRevalidateSeconds: described(
    'How long a stale answer is used while a new one is fetched in the background, where the service does not say.',
    z.optional(seconds),
  ),
  staleIfErrorSeconds: described(
    'How long a stale answer stands in for a service that fails or is not called, where the service does not say.',
    z.optional(seconds),
  ),
  early: described(
    'How eagerly a hot answer is fetched anew before its end, by chance: 1 unless given, 0 never, more is earlier.',
    z.optional(z.number().check(z.minimum(0), z.maximum(100))),
  ),
  tags: described(
    "Tags for `purge`, templates, beside those of the service's Cache-Tag.",
    z.optional(z.array(templateFieldText)),
  ),
  store: described(
    '`edge` (the Cache API of this location), `global` (KV) or `both` (default: KV has what is fresh for a minute or more and is not private).',
    z.optional(z.enum(['edge', 'global', 'both'])),
  ),
  collapseTimeoutMs: described(
    'How long a request waits for the same answer that another one fetches: 5000 unless given.',
    z.optional(milliseconds),
  ),
  showKey: described('Whether Cache-Status tells the key.', z.optional(z.boolean())),
  storeTimeoutMs: described(
    'How long a store may take: 1000 unless given.',
    z.optional(milliseconds),
  ),
  onStoreFault: described(
    'When a store cannot be asked: `allow` (default) asks the service, `deny` answers 503.',
    z.optional(z.enum(['allow', 'deny'])),
  ),
}

export function cacheRule(written: Written, note: Note): void {
  if (written.override !== true) return
  if (written.ttlSeconds !== undefined || written.ttlByStatus !== undefined) return
  note(
    ['override'],
    'expected `ttlSeconds` or `ttlByStatus` beside `override`: it has to win with something',
  )
}

export const cacheSchema = withRule(latePolicySchema('cache', cacheShape), cacheRule)
export type CacheOptions = z.infer<typeof cacheSchema>
