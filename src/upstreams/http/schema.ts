/** An entry of `upstreams`, or an upstream written in its route (ROUTES.md §4). Keys of later features are unknown until they exist. */
import * as z from 'zod/mini'
import { balanceSchema, percent, stickySchema, zone } from '../../calls/balance/schema.ts'
import { breakerSchema } from '../../calls/breaker/schema.ts'
import { discoverSchema } from '../../calls/discovery/schema.ts'
import { ejectionSchema } from '../../calls/ejection/schema.ts'
import { healthSchema } from '../../calls/health/schema.ts'
import { hedgeSchema } from '../../calls/hedge/schema.ts'
import { maxConcurrentSchema } from '../../calls/max-concurrent/schema.ts'
import { mirrorSchema } from '../../calls/mirror/schema.ts'
import { retrySchema } from '../../calls/retry/schema.ts'
import { targetUrl } from '../../calls/target-schema.ts'
import { described, integer, milliseconds, object, seconds } from '../../schema/atoms.ts'
import { headerMap } from '../../schema/header-names.ts'
import { type Note, type Written, withRule } from '../../schema/rule.ts'
import { templateHeaderValue } from '../../template/schema.ts'
import { graphqlUpstreamSchema } from '../graphql/schema.ts'
import { grpcUpstreamSchema } from '../grpc/schema.ts'
import { authSchema } from './auth-schema.ts'
import { fallbackSchema } from './fallback-schema.ts'

export const targetSchema = z.union([
  targetUrl,
  object({
    url: described('The URL of the target; its path is put in front.', targetUrl),
    weight: described(
      'Share of the calls, beside the other targets. 1 unless given.',
      z.optional(integer(0, 1_000_000)),
    ),
    priority: described(
      'Targets of 0 come first; those of the next number take what these cannot. 0 unless given.',
      z.optional(integer(0, 100)),
    ),
    zone: described(
      'Where it runs: a continent or a colo. Clients there are sent to it first.',
      z.optional(zone),
    ),
  }),
])

const upstreamShape = {
  kind: described(
    'What the services speak: `http` unless given; `graphql` takes plain HTTP to operations, `grpc` to procedures.',
    z.optional(z.enum(['http', 'graphql', 'grpc'])),
  ),
  graphql: described(
    'Of the kind `graphql`: where operations are taken, and how much of errors is shown.',
    z.optional(graphqlUpstreamSchema),
  ),
  grpc: described(
    'Of the kind `grpc`: its protocol, and what its messages are.',
    z.optional(grpcUpstreamSchema),
  ),
  targets: described(
    'Where the service runs; may be left out with `discover`.',
    z.optional(z.array(targetSchema).check(z.minLength(1), z.maxLength(1000))),
  ),
  discover: described(
    'Who knows where the service runs: its targets come beside those of `targets`.',
    z.optional(discoverSchema),
  ),
  headers: described(
    'Header fields set on each call; they win over what the client sent.',
    z.optional(headerMap(templateHeaderValue)),
  ),
  auth: described(
    'How the gateway proves to the service who it is: exactly one kind.',
    z.optional(authSchema),
  ),
  timeoutMs: described(
    'From dispatch until the headers of the answer; 504 when it runs out.',
    z.optional(milliseconds),
  ),
  perTryTimeoutMs: described(
    'From the start of one try until the headers of its answer; a try that takes longer is called off.',
    z.optional(milliseconds),
  ),
  idleBodyMs: described(
    'The longest silence between bytes of an answer; then the transfer is broken off. No limit unless given.',
    z.optional(milliseconds),
  ),
  retry: described('When a call that failed is tried again.', z.optional(retrySchema)),
  hedge: described(
    'When a call that takes long is sent once more; the first good answer counts.',
    z.optional(hedgeSchema),
  ),
  breaker: described(
    'Leaves the service alone for a while when it fails: one breaker for the whole fleet.',
    z.optional(breakerSchema),
  ),
  maxConcurrent: described(
    'How many calls may run at the same time, over all isolates; more are refused at once with 503.',
    z.optional(maxConcurrentSchema),
  ),
  balance: described(
    'How a target is chosen for each try. `round-robin` unless given.',
    z.optional(balanceSchema),
  ),
  sticky: described('Binds a client to its target by a signed cookie.', z.optional(stickySchema)),
  panicPercent: described(
    'When fewer targets than this are usable all are called again. 50 unless given; 0 answers 503 instead.',
    z.optional(percent),
  ),
  slowStartSeconds: described(
    'A target that is new or came back gets its share little by little within this time.',
    z.optional(seconds),
  ),
  ejection: described(
    'Leaves targets alone that fail real calls, in the whole fleet.',
    z.optional(ejectionSchema),
  ),
  health: described(
    'Probes the targets, once for the fleet; those that are unhealthy get no calls.',
    z.optional(healthSchema),
  ),
  fallback: described(
    'What answers when the call failed after all tries: in order, the first that can.',
    z.optional(fallbackSchema),
  ),
  mirror: described(
    'Copies a share of the requests to another upstream, after the answer.',
    z.optional(mirrorSchema),
  ),
}

/** The key of a bridge's options is the name of its kind. */
function needOwnKind(written: Written, note: Note, kind: string): void {
  if (written.kind !== kind && written[kind] !== undefined) {
    const found = written.kind === undefined ? 'none' : JSON.stringify(written.kind)
    note(['kind'], `found ${found}, expected "${kind}" beside the key "${kind}"`)
  }
}

export const upstreamSchema = withRule(object(upstreamShape), (written, note) => {
  const { targets, discover } = written
  needOwnKind(written, note, 'graphql')
  needOwnKind(written, note, 'grpc')
  if (written.kind === 'grpc' && written.grpc === undefined) {
    note(['grpc'], 'found nothing, expected "grpc" beside the kind "grpc"')
  }
  if (targets !== undefined || discover !== undefined) return
  note(['targets'], 'found neither "targets" nor "discover", expected at least one of them')
})
export type UpstreamOptions = z.infer<typeof upstreamSchema>
