/**
 * Takes from all buckets of a request, or from none (LEASES.md §7). Synchronous where every pocket has tokens or a
 * refusal is remembered; what is missing is asked for in parallel, and given back where another limit refuses.
 */
import type { Ports } from '../platform/ports.ts'
import type { Admission, Claim, RefusedClaim, Ticket } from './claims.ts'
import { type Draw, isTicket, type Verdict } from './pocket/draw.ts'
import { LeaseTicket } from './pocket/lease-ticket.ts'
import { SlotTicket } from './pocket/slot-ticket.ts'

/** Tickets for all claims in their order, or who refuses, or whose store failed. */
export function takeAll(claims: readonly Claim[], ports: Ports): Admission | Promise<Admission> {
  const now = ports.clock.now()
  const draws: Draw[] = []
  let refused: RefusedClaim[] | null = null
  for (const claim of claims) {
    const draw = makeDraw(claim, ports, now)
    draws.push(draw)
    // Nothing is taken yet: a remembered refusal costs the others no debit, and nobody a hop.
    if (draw.look(now) !== 'refused') continue
    refused ??= []
    refused.push(draw.refusal(now))
  }
  return refused === null ? takeDraws(draws, now, ports) : { kind: 'refused', refused }
}

/** Forgets what the isolate remembers of a refusal: for an operator who changed the bucket. */
export { forgetRefusal } from './pocket/entry.ts'

function makeDraw(claim: Claim, ports: Ports, now: number): Draw {
  return claim.shape.kind === 'slots'
    ? new SlotTicket(claim, ports, now)
    : new LeaseTicket(claim, ports, now)
}

function takeDraws(
  draws: readonly Draw[],
  now: number,
  ports: Ports,
): Admission | Promise<Admission> {
  let open: Verdict[] | null = null
  for (let index = 0; index < draws.length; index += 1) {
    const verdict = (draws[index] as Draw).take(now)
    if (verdict === 'held' && open === null) continue
    open ??= new Array<Verdict>(index).fill('held')
    open.push(verdict)
  }
  if (open === null) return { kind: 'admitted', tickets: draws }
  return open.includes('missing') ? fetchMissing(draws, open, ports) : conclude(draws, open, now)
}

async function fetchMissing(
  draws: readonly Draw[],
  verdicts: readonly Verdict[],
  { clock }: Ports,
): Promise<Admission> {
  const fetched = await Promise.all(
    verdicts.map((verdict, index) =>
      verdict === 'missing' ? (draws[index] as Draw).fetch() : verdict,
    ),
  )
  return conclude(draws, fetched, clock.now())
}

/** All or nothing: what was taken goes back where one refuses, or has no store and may not do without. */
function conclude(draws: readonly Draw[], verdicts: readonly Verdict[], now: number): Admission {
  const tickets: Ticket[] = []
  const refused: RefusedClaim[] = []
  const faulted: Claim[] = []
  for (const [index, draw] of draws.entries()) {
    const verdict = verdicts[index] ?? 'faulted'
    const outcome = verdict === 'faulted' ? draw.fallback() : verdict === 'held' ? draw : null
    if (outcome !== null && isTicket(outcome)) tickets.push(outcome)
    else if (outcome !== null) refused.push(outcome)
    else if (verdict === 'refused') refused.push(draw.refusal(now))
    else faulted.push(draw.claim)
  }
  if (refused.length === 0 && faulted.length === 0) return { kind: 'admitted', tickets }
  for (const ticket of tickets) ticket.refund()
  return refused.length > 0 ? { kind: 'refused', refused } : { kind: 'fault', claims: faulted }
}
