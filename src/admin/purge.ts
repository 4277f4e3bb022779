/** `POST /_gateway/purge`: makes what is cached old enough to be fetched again, everywhere within a time that is told. */
import { purgePolicies } from '../cache/purge-watch.ts'
import { refuse } from '../errors/refusal.ts'
import type { AdminHandler, AdminParts } from './call.ts'
import { readPurge } from './purge-body.ts'

export function bindPurge({ host }: AdminParts): AdminHandler {
  const { boundSeconds } = purgePolicies[host]
  return async function purge(call) {
    const read = await readPurge(call)
    if (read.kind === 'refused') return read
    const { purges, clock } = call.ports
    let generation: number
    try {
      generation = await purges.add(read.purge)
    } catch {
      return refuse('STORE_UNAVAILABLE', {
        detail:
          'The purge may come into force, but nobody can say when. To be sure, purge the same again.',
        headers: { 'Retry-After': '5' },
      })
    }
    return Response.json({
      generation,
      inForceWithinSeconds: boundSeconds,
      inForceAt: new Date(clock.now() + boundSeconds * 1_000).toISOString(),
    })
  }
}
