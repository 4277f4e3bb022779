/** `api-key`: keys that the gateway itself gave out. */
import * as z from 'zod/mini'
import { fromSchema } from '../../identity/from-schema.ts'
import { realm } from '../../identity/realm.ts'
import { described, integer, map, text } from '../../schema/atoms.ts'
import { editableHeaderName } from '../../schema/header-names.ts'
import { guardSchema } from '../guard.ts'

const field = z.regex(
  /^(?:id|consumer|plan|scopes|roles|permissions|\/metadata\/(?:[^~/]|~[01])+)$/,
  { error: '"id", "consumer", "plan", "scopes", "roles", "permissions" or "/metadata/<name>"' },
)

export const apiKeySchema = guardSchema('api-key', {
  from: described(
    'Where the key stands: one place, or a list of which the first that has one counts. The header X-API-Key unless given.',
    z.optional(fromSchema),
  ),
  optional: described(
    'Whether a request without a key passes, anonymous. One with a bad key never does. False unless given.',
    z.optional(z.boolean()),
  ),
  passOn: described(
    'Whether the key goes on to the service. False unless given.',
    z.optional(z.boolean()),
  ),
  forward: described(
    'What the service is told of the key, as field → header: `id`, `consumer`, `plan`, `scopes`, `roles`, `permissions`, `/metadata/<name>`; lists are joined by ",". Inbound headers of these names are removed.',
    z.optional(map(editableHeaderName, text(field))),
  ),
  realm: described(
    'The name of what the challenge protects; "api" unless given.',
    z.optional(realm),
  ),
  storeTimeoutMs: described(
    'How long to wait for KV; 1000 unless given.',
    z.optional(integer(1, 10_000)), // A longer wait would count into the time until a revocation is in force.
  ),
  onStoreFault: described(
    'When KV cannot be asked: `deny` (default) refuses with 503; `allow` takes keys by what KV said of them within the last hour, and refuses the others.',
    z.optional(z.enum(['allow', 'deny'])),
  ),
})
export type ApiKeyOptions = z.infer<typeof apiKeySchema>
