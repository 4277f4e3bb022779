/**
 * `/_gateway/breakers`: what the fleet knows of each upstream, and an operator's hand on its breaker. What is said
 * here is in force in this isolate at once, and in others with their next word, within some five seconds of requests.
 */
import type { UpstreamCommand, UpstreamStatus } from '../calls/state/messages.ts'
import type { FleetUpstream, Location } from '../config/fleet.ts'
import { readJson } from '../config/json.ts'
import { type Refusal, refuse } from '../errors/refusal.ts'
import { readText } from './body.ts'
import type { AdminCall, AdminHandler, AdminParts } from './call.ts'

const MAX_BODY_BYTES = 1_024

// Each is a call to an object: a Worker has 1,000 for a request.
const MAX_ASKED = 500
const ASKED_AT_ONCE = 20

// Across an ocean 0.3 s; an object that takes longer than this is as good as gone.
const CALL_TIMEOUT_MS = 5_000

type Change = UpstreamCommand['change']

export interface BreakerHandlers {
  readonly list: AdminHandler
  readonly read: AdminHandler
  readonly change: AdminHandler
}

export function bindBreakers({ source }: AdminParts): BreakerHandlers {
  const fleet = () => source.plan?.fleet() ?? new Map<string, FleetUpstream>()

  function withUpstream(
    answer: (call: AdminCall, upstream: FleetUpstream) => Promise<Response | Refusal>,
  ): AdminHandler {
    return async function found(call, { upstream: name = '' }) {
      const upstream = fleet().get(decoded(name))
      return upstream === undefined ? refuse('UPSTREAM_UNKNOWN') : answer(call, upstream)
    }
  }

  return {
    async list(call) {
      const upstreams = [...fleet().values()]
      const breakers: object[] = []
      for (let from = 0; from < upstreams.length; from += ASKED_AT_ONCE) {
        const some = upstreams.slice(from, from + ASKED_AT_ONCE)
        const isAsked = from < MAX_ASKED
        const found = await Promise.all(
          some.map((upstream) => (isAsked ? command(call, upstream, { kind: 'look' }) : null)),
        )
        breakers.push(...some.map((upstream, at) => summary(call, upstream, found[at] ?? null)))
      }
      return Response.json({ breakers })
    },
    read: withUpstream(async (call, upstream) => {
      const status = await command(call, upstream, { kind: 'look' })
      return status === null ? unavailable() : Response.json(details(call, upstream, status))
    }),
    change: withUpstream(async (call, upstream) => {
      const change = await readChange(call)
      if (change === null) return invalid()
      if (change.kind === 'refused') return change
      if (change.kind === 'force' && upstream.spec.breaker === undefined) {
        return refuse('UPSTREAM_UNKNOWN', { detail: 'The upstream has no breaker.' })
      }
      const status = await command(call, upstream, change)
      if (status === null) return unavailable()
      await upstream.hear(locationOf(call), call.ports)
      return Response.json(details(call, upstream, status))
    }),
  }
}

/** What all objects of the upstream say together; null where one does not answer. */
export async function command(
  call: AdminCall,
  upstream: FleetUpstream,
  change: Change,
): Promise<UpstreamStatus | null> {
  const { upstreams, timers } = call.ports
  const alarm = timers.after(CALL_TIMEOUT_MS)
  const objects = upstream.objects(locationOf(call))
  const asked = objects.map(({ name, spec }) => upstreams.command(name, { spec, change }))
  try {
    return await Promise.race([Promise.all(asked).then(together), alarm.done.then(() => null)])
  } catch {
    return null
  } finally {
    alarm.cancel()
  }
}

function together(answers: readonly UpstreamStatus[]): UpstreamStatus {
  const notices = answers.flatMap((answer) => answer.notices)
  return {
    shown: Object.assign({}, ...answers.map(({ shown }) => shown)),
    notices: notices.toSorted((one, other) => Date.parse(other.time) - Date.parse(one.time)),
    isolates: Math.max(0, ...answers.map(({ isolates }) => isolates)),
  }
}

/** `?colo=` and `?continent=` ask for what is known elsewhere. */
export function locationOf({ target, client }: AdminCall): Location {
  const query = new URLSearchParams(target.query)
  return {
    colo: query.get('colo') ?? client.colo,
    continent: query.get('continent') ?? client.continent,
  }
}

function summary(call: AdminCall, upstream: FleetUpstream, status: UpstreamStatus | null): object {
  const { name, scope, mode } = upstream
  const location = scope === 'colo' ? locationOf(call).colo : null
  const known = status === null ? { unavailable: true } : status.shown
  return { upstream: name, scope, location, mode, ...known }
}

function details(call: AdminCall, upstream: FleetUpstream, status: UpstreamStatus): object {
  const { notices, isolates } = status
  return { ...summary(call, upstream, status), isolates, changes: notices }
}

async function readChange(call: AdminCall): Promise<Change | Refusal | null> {
  const body = await readText(call, MAX_BODY_BYTES)
  if (body.kind === 'refused') return body
  if (body.kind === 'undecodable') return null
  const read = readJson(body.text, { comments: false })
  if (read.kind !== 'read') return null
  return changeOf(read.value)
}

function changeOf(value: unknown): Change | null {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return null
  const entries = Object.entries(value)
  const [entry] = entries
  if (entry === undefined || entries.length > 1) return null
  const [key, said]: [string, unknown] = entry
  if (key === 'reset' && said === true) return { kind: 'reset' }
  if (key === 'force' && (said === 'open' || said === 'closed')) {
    return { kind: 'force', state: said }
  }
  return null
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
    detail: 'Send { "force": "open" }, { "force": "closed" } or { "reset": true }.',
  })
}

function unavailable(): Refusal {
  return refuse('STORE_UNAVAILABLE', {
    detail: 'The object of the upstream does not answer.',
    headers: { 'Retry-After': '1' },
  })
}
