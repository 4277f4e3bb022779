/**
 * `GET /_gateway/usage`: what a caller may still spend. A consumer asks with its own credential and learns of nobody
 * else; the operator asks for any consumer by name.
 */
import type { Claim } from '../buckets/claims.ts'
import type { BucketView } from '../buckets/messages.ts'
import type { TableUsage, UsageClaim } from '../config/usage.ts'
import { refuse } from '../errors/refusal.ts'
import type { Answer, Exchange, Identity } from '../pipeline/exchange.ts'
import type { AdminHandler, AdminParts } from './call.ts'
import type { Guard } from './guard.ts'
import { planOfKeys } from './key-plan.ts'

export function bindUsage({ source }: AdminParts, guard: Guard): AdminHandler {
  const tableUsage = () => source.plan?.usage() ?? null

  async function ofCaller(exchange: Exchange): Promise<Answer> {
    const table = tableUsage()
    if (table === null) return source.missing
    if (!table.knowsCallers) return refuse('ADMIN_NOT_FOUND')
    const known = await table.authenticate(exchange)
    if (known.kind === 'refused') return known
    const { identity } = known
    exchange.event.consumer = identity.consumer?.name ?? null
    return answer(exchange, table, identity, {})
  }

  const ofConsumer = guard.hide(async function ofConsumer(call) {
    const table = tableUsage()
    if (table === null) return source.missing
    const query = new URLSearchParams(call.target.query)
    const consumer = query.get('consumer') ?? ''
    const authorities = table.authoritiesOf(consumer)
    const authority = query.get('authority') ?? authorities[0]
    if (consumer === '' || authority === undefined || authority === '') {
      return refuse('ADMIN_NOT_FOUND', {
        detail:
          'No credential of this table is that consumer. The parameter "authority" names another.',
      })
    }
    const plan = authority === 'key' ? await planOfKeys(consumer, call) : null
    const identity = table.identityOf(consumer, authority, plan)
    return answer(call, table, identity, { authority, authorities })
  })

  return function usage(call, params) {
    const isForOperator = new URLSearchParams(call.target.query).has('consumer')
    return isForOperator ? ofConsumer(call, params) : ofCaller(call)
  }
}

// An invocation may ask objects and KV a thousand times (developers.cloudflare.com/workers/platform/limits).
const MAX_BUCKETS = 200

async function answer(
  exchange: Exchange,
  table: TableUsage,
  identity: Identity,
  more: Readonly<Record<string, unknown>>,
): Promise<Answer> {
  const claims = table.claimsOf(exchange, identity).slice(0, MAX_BUCKETS)
  const looks = await Promise.all(claims.map(({ claim }) => look(claim, exchange)))
  const limits: object[] = []
  const quotas: object[] = []
  for (const [index, { claim, route }] of claims.entries()) {
    const view = looks[index]
    if (view === null || view === undefined) return storeUnavailable
    const row = rowOf({ claim, route }, view)
    if (claim.shape.kind === 'quota') quotas.push(row)
    else limits.push(row)
  }
  const { consumer } = identity
  return Response.json({
    consumer: consumer?.name ?? null,
    plan: consumer?.plan ?? null,
    ...more,
    limits,
    quotas,
  })
}

/** What isolates hold and have not spent, as far as the object knows, is not used: it comes back. */
function rowOf({ claim, route }: UsageClaim, view: BucketView): object {
  const { label: policy, shape } = claim
  const { limit } = shape
  switch (shape.kind) {
    case 'rate': {
      const { windowMs, burst } = shape
      const available = Math.max(0, Math.min(burst, view.available + view.outstanding))
      return { policy, route, limit, windowSeconds: windowMs / 1_000, burst, available }
    }
    case 'quota': {
      const remaining = Math.max(0, Math.min(limit, view.available + view.outstanding))
      const resetsAt = view.resetsAt === null ? null : new Date(view.resetsAt).toISOString()
      const { per } = shape.period
      return { policy, route, limit, used: limit - remaining, remaining, per, resetsAt }
    }
    case 'slots':
      throw new Error(`${policy} counts requests at the same time, and nobody lists those`)
  }
}

/** Null where the object could not be asked in time. */
async function look(claim: Claim, { ports }: Exchange): Promise<BucketView | null> {
  const alarm = ports.timers.after(claim.storeTimeoutMs)
  try {
    return await Promise.race([
      ports.buckets.look(claim.place, claim.shape),
      alarm.done.then(() => null),
    ])
  } catch {
    return null
  } finally {
    alarm.cancel()
  }
}

const storeUnavailable = refuse('STORE_UNAVAILABLE', { headers: { 'Retry-After': '1' } })
