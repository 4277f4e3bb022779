/** `grpc-web`: what clients of gRPC-Web and Connect need beside a service that speaks one of them. */
import * as z from 'zod/mini'
import { described } from '../../schema/atoms.ts'
import { latePolicySchema } from '../schema.ts'

export const grpcWebSchema = latePolicySchema('grpc-web', {
  text: described(
    'Bodies in base64 (`application/grpc-web-text`): `convert` (default) gives the service binary ones, `pass` leaves them.',
    z.optional(z.enum(['convert', 'pass'])),
  ),
})
export type GrpcWebOptions = z.infer<typeof grpcWebSchema>
