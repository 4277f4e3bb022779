/** `/_gateway/descriptors`: puts, lists and deletes the sets of descriptors by which bridges know messages of gRPC. */

import { type Refusal, refuse } from '../errors/refusal.ts'
import { StoreFault } from '../errors/store-fault.ts'
import { readWholeBody } from '../http/whole-body.ts'
import type { Answer } from '../pipeline/exchange.ts'
import { decodeBase64 } from '../rpc/base64-core.ts'
import { readSet } from '../rpc/described.ts'
import { type OutlineService, readOutline } from '../rpc/outline-core.ts'
import {
  boundSeconds,
  deleteSet,
  findSet,
  forgetSet,
  listSets,
  lookAtSet,
  MAX_SET_BYTES,
  nameForm,
  putSet,
} from '../rpc/stored.ts'
import type { AdminCall, AdminHandler, AdminParts } from './call.ts'

export interface DescriptorHandlers {
  readonly list: AdminHandler
  readonly read: AdminHandler
  readonly put: AdminHandler
  readonly remove: AdminHandler
}

export function bindDescriptors({ host }: AdminParts): DescriptorHandlers {
  const inForceWithinSeconds = boundSeconds(host)
  return {
    list: orUnavailable(async ({ ports }) => Response.json({ descriptors: await listSets(ports) })),
    read: orUnavailable((call, { name = '' }) => readOne(call, name)),
    put: orUnavailable((call, { name = '' }) => put(call, name, inForceWithinSeconds)),
    remove: orUnavailable(async ({ ports }, { name = '' }) => {
      const found = nameForm.test(name) ? await findSet(name, ports) : null
      if (found === null) return refuse('DESCRIPTORS_UNKNOWN')
      await deleteSet(name, ports)
      forgetSet(name, ports)
      return Response.json({ name, inForceWithinSeconds })
    }),
  }
}

async function put(call: AdminCall, name: string, inForceWithinSeconds: number): Promise<Answer> {
  if (!nameForm.test(name)) {
    return refuse('DESCRIPTORS_INVALID', {
      detail: 'A name has at most 63 lower-case letters, digits, ".", "_" and "-".',
    })
  }
  const bytes = await readBytes(call)
  if (!(bytes instanceof Uint8Array)) return bytes
  const read = await readSet(bytes)
  if (read.kind === 'invalid') {
    return refuse('DESCRIPTORS_INVALID', {
      detail: `Expected a set of descriptors with all that its files import, found ${read.reason}.`,
    })
  }
  const { ports } = call
  const stored = await putSet(name, bytes, read.set.services, ports)
  forgetSet(name, ports)
  return Response.json({ ...stored, inForceWithinSeconds })
}

async function readBytes({
  request,
  received,
}: AdminCall): Promise<Uint8Array<ArrayBuffer> | Refusal> {
  const bytes = await readWholeBody(request.body, received, MAX_SET_BYTES)
  return bytes instanceof ArrayBuffer ? new Uint8Array(bytes) : bytes
}

/** With its methods, and the requests of HTTP that they answer. */
async function readOne({ ports }: AdminCall, name: string): Promise<Answer> {
  const stored = nameForm.test(name) ? await findSet(name, ports) : null
  const look = stored === null ? null : await lookAtSet(name, null, ports)
  if (stored === null || look?.kind !== 'read') return refuse('DESCRIPTORS_UNKNOWN')
  const bytes = decodeBase64(look.text)
  const outline = bytes === null ? null : readOutline(bytes)
  const services = outline?.kind === 'outline' ? outline.services.map(viewOf) : []
  return Response.json({ ...stored, services })
}

function viewOf({ name, methods }: OutlineService) {
  return {
    name,
    methods: methods.map((method) => ({
      name: method.name,
      streams: streamsOf(method),
      http: method.rules.map((rule) => `${rule.method} ${rule.path}`),
    })),
  }
}

function streamsOf({
  isClientStreaming,
  isServerStreaming,
}: OutlineService['methods'][number]): 'none' | 'client' | 'server' | 'both' {
  if (isClientStreaming) return isServerStreaming ? 'both' : 'client'
  return isServerStreaming ? 'server' : 'none'
}

function orUnavailable(handler: AdminHandler): AdminHandler {
  return async function withStore(call, params) {
    try {
      return await handler(call, params)
    } catch (fault) {
      if (!(fault instanceof StoreFault)) throw fault
      return refuse('STORE_UNAVAILABLE', {
        detail: 'KV cannot read or write descriptors now. Send the same again.',
        headers: { 'Retry-After': '1' },
      })
    }
  }
}
