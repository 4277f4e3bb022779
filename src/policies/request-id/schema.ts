/** `request-id`: which header carries the id of a request, and whether the client may choose it. */
import * as z from 'zod/mini'
import { described } from '../../schema/atoms.ts'
import { editableHeaderName } from '../../schema/header-names.ts'
import { policySchema } from '../schema.ts'

export const requestIdSchema = policySchema('request-id', {
  header: described(
    'The header field of the id, on the request that goes on and on the answer. `X-Request-ID` unless given.',
    z.optional(editableHeaderName),
  ),
  inbound: described(
    '`replace` (default) makes a new id; `keep` takes one that came in, if it is at most 128 visible ASCII characters.',
    z.optional(z.enum(['replace', 'keep'])),
  ),
})
export type RequestIdOptions = z.infer<typeof requestIdSchema>
