/**
 * `/_gateway/buckets`: which limits the table has and whose requests they meet most, a look into one key's buckets,
 * and an operator's hand on them. Tokens that isolates hold stay with them: a change is to what the object has.
 */

import type { Claim } from '../buckets/claims.ts'
import type { BucketChange, BucketView } from '../buckets/messages.ts'
import { forgetRefusal } from '../buckets/take.ts'
import { tellNow } from '../buckets/tally/counts.ts'
import type { TallyView } from '../buckets/tally/messages.ts'
import { type Refusal, refuse } from '../errors/refusal.ts'
import { StoreFault } from '../errors/store-fault.ts'
import type { Answer } from '../pipeline/exchange.ts'
import {
  type AskedChange,
  type AskedKey,
  readAskedChange,
  readAskedKey,
  refuseBuckets,
} from './buckets-body.ts'
import { findBuckets, type NamedBuckets, type TableParts } from './buckets-key.ts'
import { bucketView, limitView, topView } from './buckets-view.ts'
import type { AdminCall, AdminHandler, AdminParts } from './call.ts'
import { problem } from './read-body.ts'

// Across an ocean 0.3 s; an object that takes longer than this is as good as gone.
const CALL_TIMEOUT_MS = 5_000

export interface BucketHandlers {
  readonly read: AdminHandler
  readonly change: AdminHandler
}

export function bindBuckets({ source }: AdminParts): BucketHandlers {
  function ofTable(answer: (call: AdminCall, parts: TableParts) => Promise<Answer>): AdminHandler {
    return async function withTable(call) {
      const { plan } = source
      if (plan === null) return source.missing
      try {
        return await answer(call, { limits: plan.limits(), usage: plan.usage() })
      } catch (fault) {
        if (fault instanceof StoreFault)
          return unavailable('KV cannot be asked for the plan of keys.')
        throw fault
      }
    }
  }
  return {
    read: ofTable((call, parts) => {
      const asked = readAskedKey(call)
      return asked === null ? list(call, parts) : look(call, asked, parts)
    }),
    change: ofTable(async (call, parts) => {
      const read = await readAskedChange(call)
      return read.kind === 'refused' ? read : change(call, read.asked, parts)
    }),
  }
}

async function list({ ports }: AdminCall, { limits }: TableParts): Promise<Answer> {
  // What this isolate counted since it told the tally last belongs to the answer.
  await tellNow(ports)
  const tally = limits.size === 0 ? null : await inTime(ports.tallies.read(), ports)
  const tops = new Map(tally?.policies ?? [])
  return Response.json({
    countedSince: tally === null ? null : isoOf(tally),
    policies: [...limits.values()].map((limit) => {
      const top = tops.get(limit.id)
      const counted = top === undefined ? null : topView(top, limit.buckets.isLocal)
      return { ...limitView(limit), top: counted }
    }),
  })
}

function isoOf({ since }: TallyView): string {
  return new Date(since).toISOString()
}

async function look(call: AdminCall, asked: AskedKey, parts: TableParts): Promise<Answer> {
  const found = await findBuckets(asked, parts, call)
  if (found.kind === 'unknown') return refuseBuckets(found.problems)
  const { buckets } = call.ports
  return show(asked, found, call, ({ place, shape }) => buckets.look(place, shape))
}

async function change(call: AdminCall, asked: AskedChange, parts: TableParts): Promise<Answer> {
  const found = await findBuckets(asked, parts, call)
  if (found.kind === 'unknown') return refuseBuckets(found.problems)
  const chosen = choose(found, asked)
  if (chosen.kind === 'refused') return chosen
  const { ports } = call
  const { buckets } = ports
  return show(asked, chosen, call, async ({ place, shape }) => {
    const view = await buckets.change(place, shape, asked.change)
    // Here the change is seen at once; other isolates ask when the time that they were told is over.
    forgetRefusal(place, ports)
    return view
  })
}

type Found = Extract<NamedBuckets, { kind: 'named' }>

/** The buckets that the change is meant for; a refusal where one of them takes no such change. */
function choose(found: Found, { bucket, change: asked }: AskedChange): Found | Refusal {
  const claims = found.claims.filter(({ label }) => bucket === null || label === bucket)
  if (claims.length === 0 && bucket !== null) {
    const expected = `one of ${found.claims.map(({ label }) => label).join(', ')}`
    return refuseBuckets([
      problem('/bucket', 'VALUE_INVALID', { found: JSON.stringify(bucket), expected }),
    ])
  }
  if (isTopUp(asked) && claims.some(({ shape }) => shape.kind === 'slots')) {
    const expected = '`reset`: slots cannot be added'
    return refuseBuckets([problem('/topUp', 'VALUE_INVALID', { found: '`topUp`', expected })])
  }
  return { ...found, claims }
}

function isTopUp({ kind }: BucketChange): boolean {
  return kind === 'top-up'
}

async function show(
  { policy, key }: AskedKey,
  { claims, colo }: Found,
  { ports }: AdminCall,
  ask: (claim: Claim) => Promise<BucketView>,
): Promise<Answer> {
  const views = await Promise.all(claims.map((claim) => inTime(ask(claim), ports)))
  const buckets: object[] = []
  for (const [index, claim] of claims.entries()) {
    const view = views[index] ?? null
    if (view === null) return unavailable('The object of a bucket does not answer.')
    buckets.push(bucketView(claim, view))
  }
  return Response.json({ policy, key, colo, buckets })
}

/** Null where the object cannot be asked, or takes too long. */
async function inTime<Value>(
  work: Promise<Value>,
  { timers }: AdminCall['ports'],
): Promise<Value | null> {
  const alarm = timers.after(CALL_TIMEOUT_MS)
  try {
    return await Promise.race([work, alarm.done.then(() => null)])
  } catch {
    return null
  } finally {
    alarm.cancel()
  }
}

function unavailable(detail: string): Refusal {
  return refuse('STORE_UNAVAILABLE', { detail, headers: { 'Retry-After': '1' } })
}
