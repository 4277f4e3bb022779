/** Makes the message of a call, or says which field of the request is at fault. */

import { type Refusal, refuse } from '../../errors/refusal.ts'
import type { JsonObject } from '../../formats/json-object.ts'
import { bodyTooLarge } from '../../http/body.ts'
import type { Exchange } from '../../pipeline/exchange.ts'
import type { Api } from './api.ts'
import { readBody } from './body.ts'
import type { Fault } from './fields-core.ts'
import { fillMessage } from './fill-core.ts'
import { locateFault } from './locate-core.ts'
import type { Procedure } from './procedure.ts'
import type { RenderRequest } from './request-template.ts'
import { resolveTexts } from './texts-core.ts'

export interface MessageOptions {
  readonly maxBytes: number
  readonly ignoresUnknown: boolean
  /** Of a route that says what the message is; else path, query and body fill it. */
  readonly render: RenderRequest | null
}

export type Made = { readonly kind: 'made'; readonly bytes: Uint8Array<ArrayBuffer> } | Refusal

export async function makeMessage(
  exchange: Exchange,
  procedure: Procedure,
  api: Api,
  options: MessageOptions,
): Promise<Made> {
  const { input } = procedure.method
  const filled =
    options.render === null
      ? await fillFrom(exchange, procedure, options)
      : resolve(options.render(exchange), procedure)
  if (filled.kind === 'refused') return filled
  if (filled.kind === 'fault') return refusalOf(filled)
  const { library, registry } = api
  const { ignoresUnknown, maxBytes } = options
  try {
    const message = library.fromJson(input, filled.json as never, {
      registry,
      ignoreUnknownFields: ignoresUnknown,
    })
    const bytes = library.toBinary(input, message)
    return bytes.length > maxBytes ? bodyTooLarge(maxBytes) : { kind: 'made', bytes }
  } catch {
    return refusalOf(locateFault(input, filled.json, { library, registry, ignoresUnknown }))
  }
}

type Filled = { readonly kind: 'filled'; readonly json: JsonObject } | Fault | Refusal

async function fillFrom(
  exchange: Exchange,
  { method, fill }: Procedure,
  { maxBytes, ignoresUnknown }: MessageOptions,
): Promise<Filled> {
  let body: unknown
  if (fill.bodyField !== null) {
    const read = await readBody(exchange, maxBytes)
    if (read.kind === 'refused') return read
    body = read.value
  }
  return fillMessage(method.input, { ...fill, body, isLooseInQuery: ignoresUnknown })
}

function resolve(rendered: JsonObject | Refusal, { method }: Procedure): Filled {
  return isRefusal(rendered) ? rendered : resolveTexts(method.input, rendered)
}

function isRefusal(rendered: JsonObject | Refusal): rendered is Refusal {
  return 'kind' in rendered && rendered.kind === 'refused' && 'code' in rendered
}

const MAX_SHOWN = 200 // A name of a client may be as long as its body.

function refusalOf({ field, expected }: Fault): Refusal {
  const shown = field.slice(0, MAX_SHOWN)
  const where = shown === '' ? 'The message' : `"${shown}"`
  return refuse('RPC_REQUEST_INVALID', {
    detail: `${where}: expected ${expected}.`,
    members: { field: shown },
  })
}
