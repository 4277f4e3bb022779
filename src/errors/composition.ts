/** The codes of answers that are made from bodies: transformations, versions, aggregates, batches, bridges. */
import { type CatalogueEntry, entry } from './entry.ts'

export const compositionCodes = {
  NOT_ACCEPTABLE: entry(
    406,
    'client',
    'None of the forms that this route has is acceptable.',
    'Send an Accept header with one of the media types in `available`, or none.',
  ),
  MEDIA_TYPE_UNSUPPORTED: entry(
    415,
    'client',
    'This route does not take a body of this media type.',
    'Send one of the media types in `supported`, in a character set that the gateway can read.',
  ),
  FIELDS_INVALID: entry(
    400,
    'client',
    'The list of fields is not one.',
    'Send names with commas between them; a dot leads into an object.',
  ),
  VERSION_UNKNOWN: entry(
    400,
    'client',
    'There is no such version of this API.',
    'Ask for one of the versions in `versions`.',
  ),
  VERSION_ENDED: entry(
    410,
    'client',
    'This version of the API is no longer served.',
    'Move to one of the versions in `versions`; the Link header names the guide, where there is one.',
  ),
  TRANSFORM_LIMIT: entry(
    500,
    'operator',
    'A transformation did more work than it may.',
    'The expression of this route does too much for this body. The event of the request names the policy and the bound.',
  ),
  TRANSFORM_FAILED: entry(
    500,
    'operator',
    'A transformation of this route failed on this body.',
    'The expression does not fit what it was given. The event of the request names the policy.',
  ),
  UPSTREAM_BODY_INVALID: entry(
    502,
    'upstream',
    'The service sent a body that is not what it says.',
    'Try again later. The operator finds in the event which policy read it.',
  ),
  UPSTREAM_BODY_TOO_LARGE: entry(
    502,
    'upstream',
    'The service sent a body larger than this route reads.',
    'The operator can raise `maxBytes`, or let larger bodies pass untouched.',
  ),
  CALL_NOT_FOUND: entry(
    404,
    'upstream',
    'Something that the answer is made of does not exist.',
    'The call in `call` found nothing under what the request names.',
  ),
  CALL_LIMITED: entry(
    503,
    'upstream',
    'A service that the answer is made of is limiting its calls.',
    'Try again after the time in Retry-After.',
  ),
  CALL_FAILED: entry(
    502,
    'upstream',
    'A service that the answer is made of failed.',
    'Try again later. `call` tells which part it was.',
  ),
  CALL_ITEMS_CUT: entry(
    500,
    'operator',
    'The answer is made of a list with more items than this route asks for.',
    'The first ones are there. The operator can raise `maxItems` of the call.',
  ),
  BATCH_INVALID: entry(
    400,
    'client',
    'The batch is not one that this route can run.',
    'Send a JSON object with `requests`, a list of requests with `method` and `path`.',
  ),
  GRAPHQL_FAILED: entry(
    502,
    'upstream',
    'The GraphQL service answered with errors.',
    '`errors` has what it said, as far as that may be shown.',
  ),
  GRAPHQL_VARIABLE_INVALID: entry(
    400,
    'client',
    'A value of the request does not fit the operation of this route.',
    'Send what `detail` expects under the name in `variable`: in the path, the query or the body.',
  ),
  GRAPHQL_NOT_FOUND: entry(
    404,
    'client',
    'What the request asks for does not exist.',
    'The service found nothing under what the request names.',
  ),
  RPC_FAILED: entry(
    502,
    'upstream',
    'The remote procedure failed.',
    '`grpcStatus` has the status by name, `grpcMessage` what the service said.',
  ),
  RPC_NOT_FOUND: entry(
    404,
    'client',
    'No remote procedure answers this method and path.',
    "Ask for a method and path that the service's HTTP rules name.",
  ),
  RPC_REQUEST_INVALID: entry(
    400,
    'client',
    'The request does not fit the message of the remote procedure.',
    'Send the fields that the message has, each of its type.',
  ),
  DESCRIPTORS_UNAVAILABLE: entry(
    503,
    'operator',
    'The descriptors of this service cannot be read at the moment.',
    'The operator puts them by PUT /_gateway/descriptors/<name>. Try again later.',
  ),
  DESCRIPTORS_INVALID: entry(
    400,
    'operator',
    'The body is not a set of descriptors.',
    'Send what `protoc --include_imports --descriptor_set_out=FILE` writes.',
  ),
  DESCRIPTORS_UNKNOWN: entry(
    404,
    'operator',
    'There are no descriptors of this name.',
    'GET /_gateway/descriptors lists the names.',
  ),
  SOAP_FAULT: entry(
    502,
    'upstream',
    'The service answered with a SOAP fault.',
    '`faultCode` and `faultString` have what it said.',
  ),
} as const satisfies Record<string, CatalogueEntry>
