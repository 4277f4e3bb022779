/** `grpc` of an upstream and of a route: which procedures, in which protocol, and where their descriptors are. */
import * as z from 'zod/mini'
import { nameForm } from '../../rpc/stored.ts'
import { described, integer, map, object, text } from '../../schema/atoms.ts'
import { templateJson } from '../../template/schema.ts'

const descriptorsSchema = z.union(
  [
    object({
      store: described(
        'The name under which `PUT /_gateway/descriptors/<name>` put the set.',
        text(z.regex(nameForm, { error: 'the name of a set of descriptors' })),
      ),
    }),
    object({
      base64: described(
        'The set itself (what `protoc --include_imports --descriptor_set_out` writes) in base64.',
        text(z.minLength(1)),
      ),
    }),
  ],
  { error: '{ "store": "<name>" } or { "base64": "…" }' },
)

export const grpcUpstreamSchema = object({
  protocol: described(
    'What the services, or the proxy before them, speak over HTTP/1.1: `connect` (default) or `grpc-web`.',
    z.optional(z.enum(['connect', 'grpc-web'])),
  ),
  descriptors: described('Where the set of descriptors is: exactly one place.', descriptorsSchema),
  maxMessageBytes: described(
    'The longest message in either direction. 4 MiB unless given.',
    z.optional(integer(1, 67_108_864)), // An isolate has 128 MiB, and a message stands in it as bytes and as JSON.
  ),
  emitDefaults: described(
    'Whether fields that have their default value (0, "", false, empty lists) stand in the JSON. They do not unless true.',
    z.optional(z.boolean()),
  ),
  ignoreUnknown: described(
    'Whether fields and parameters that the message does not have are passed over. They are refused unless true.',
    z.optional(z.boolean()),
  ),
  hideMessages: described(
    'Whether the text and the details of a failure, which are the words of the service, stay behind. They are shown unless true.',
    z.optional(z.boolean()),
  ),
})
export type GrpcUpstreamOptions = z.infer<typeof grpcUpstreamSchema>

const typeName = text(
  z.regex(/^[A-Za-z_][A-Za-z0-9_]*(?:\.[A-Za-z_][A-Za-z0-9_]*)*$/, {
    error: 'the name of a service with its package',
  }),
)
const methodName = text(
  z.regex(/^[A-Za-z_][A-Za-z0-9_]*$/, { error: 'the name of a method of the service' }),
)

export const grpcRouteSchema = object({
  service: described('The service with its package: `users.v1.Users`.', typeName),
  method: described('The method of the service: `GetUser`.', methodName),
  request: described(
    'The message as JSON; every string in it is a template, and what it reads becomes of the type that the field has. Path parameters, query and JSON body fill the message by name unless given.',
    z.optional(map(templateJson)),
  ),
})
export type GrpcRouteOptions = z.infer<typeof grpcRouteSchema>
