/**
 * `/_gateway/targets/<upstream>`: targets that register themselves, for a time that they renew by posting again. The
 * object of the upstream has them for the whole fleet; isolates hear of them within some five seconds of requests.
 */
import * as z from 'zod/mini'
import { readEntry } from '../calls/discovery/entry-core.ts'
import type { UpstreamStatus } from '../calls/state/messages.ts'
import type { Registration } from '../calls/state/part.ts'
import type { FleetUpstream } from '../config/fleet.ts'
import { readJson } from '../config/json.ts'
import { type Refusal, refuse } from '../errors/refusal.ts'
import { integer, object } from '../schema/atoms.ts'
import { readText } from './body.ts'
import { command, locationOf } from './breakers.ts'
import type { AdminCall, AdminHandler, AdminParts } from './call.ts'

const MAX_BODY_BYTES = 4_096

// A target renews well before: less than this and a lost message takes it out.
const LEAST_TTL_SECONDS = 5
const MOST_TTL_SECONDS = 86_400

const registerSchema = object({
  url: z.string(),
  weight: z.optional(z.number()),
  priority: z.optional(z.number()),
  zone: z.optional(z.string()),
  draining: z.optional(z.boolean()),
  ttlSeconds: integer(LEAST_TTL_SECONDS, MOST_TTL_SECONDS),
})

const deregisterSchema = object({ url: z.string() })

export interface TargetHandlers {
  readonly read: AdminHandler
  readonly register: AdminHandler
  readonly deregister: AdminHandler
}

export function bindTargetHandlers({ source }: AdminParts): TargetHandlers {
  function withUpstream(
    answer: (call: AdminCall, upstream: FleetUpstream) => Promise<Response | Refusal>,
  ): AdminHandler {
    return async function found(call, { upstream: name = '' }) {
      const upstream = source.plan?.fleet().get(decoded(name))
      if (upstream?.spec.discovery === undefined) {
        return refuse('UPSTREAM_UNKNOWN', {
          detail: 'The table has no such upstream with `discover`.',
        })
      }
      return answer(call, upstream)
    }
  }

  function withRegistration(
    read: (call: AdminCall) => Promise<Registration | Refusal>,
  ): AdminHandler {
    return withUpstream(async (call, upstream) => {
      if (upstream.spec.discovery?.registration !== true) {
        const detail =
          'Targets of this upstream do not register themselves: `discover.registration` is not set.'
        return refuse('UPSTREAM_UNKNOWN', { detail })
      }
      const change = await read(call)
      return change.kind === 'refused' ? change : answerWith(call, upstream, change)
    })
  }

  return {
    read: withUpstream((call, upstream) => answerWith(call, upstream, { kind: 'look' })),
    register: withRegistration(readRegister),
    deregister: withRegistration(readDeregister),
  }
}

async function answerWith(
  call: AdminCall,
  upstream: FleetUpstream,
  change: Registration | { readonly kind: 'look' },
): Promise<Response | Refusal> {
  const status = await command(call, upstream, change)
  if (status === null) return unavailable()
  if (change.kind !== 'look') await upstream.hear(locationOf(call), call.ports)
  return Response.json({ upstream: upstream.name, ...targetsOf(status) })
}

function targetsOf({ shown }: UpstreamStatus): object {
  const { discovery } = shown
  return typeof discovery === 'object' && discovery !== null ? discovery : {}
}

async function readRegister(call: AdminCall): Promise<Registration | Refusal> {
  const body = await readBody(call)
  if (body.kind === 'refused') return body
  const parsed = z.safeParse(registerSchema, body.value)
  if (!parsed.success) return invalid()
  const { ttlSeconds, ...listed } = parsed.data
  // The same rule as for what a source lists.
  const entry = readEntry(listed)
  return entry === null ? invalid() : { kind: 'register', entry, forMs: 1000 * ttlSeconds }
}

/** `?url=`, or a body with it: not every client sends a body with DELETE. */
async function readDeregister(call: AdminCall): Promise<Registration | Refusal> {
  const named = new URLSearchParams(call.target.query).get('url')
  if (named !== null) return { kind: 'deregister', url: named }
  const body = await readBody(call)
  if (body.kind === 'refused') return body
  const parsed = z.safeParse(deregisterSchema, body.value)
  return parsed.success ? { kind: 'deregister', url: parsed.data.url } : invalid()
}

async function readBody(
  call: AdminCall,
): Promise<{ readonly kind: 'read'; readonly value: unknown } | Refusal> {
  const body = await readText(call, MAX_BODY_BYTES)
  if (body.kind === 'refused') return body
  if (body.kind === 'undecodable') return invalid()
  const read = readJson(body.text, { comments: false })
  return read.kind === 'read' ? read : invalid()
}

function decoded(name: string): string {
  try {
    return decodeURIComponent(name)
  } catch {
    return name
  }
}

function invalid(): Refusal {
  return refuse('BODY_INVALID', {
    detail: `Send { "url": "http(s)://host[:port][/base]", "ttlSeconds": ${LEAST_TTL_SECONDS} to ${MOST_TTL_SECONDS} } and as wanted "weight", "priority", "zone", "draining"; to take it out DELETE with { "url" }.`,
  })
}

function unavailable(): Refusal {
  return refuse('STORE_UNAVAILABLE', {
    detail: 'The object of the upstream does not answer.',
    headers: { 'Retry-After': '1' },
  })
}
