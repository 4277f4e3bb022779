/** What a tally says of the upstream as a whole. */
import type { UpstreamTally } from '../state/tally.ts'
import type { Outcomes } from './core.ts'

export function outcomesOf({ targets, failuresInRow, retryAfterSeconds }: UpstreamTally): Outcomes {
  let succeeded = 0
  let failed = 0
  let slow = 0
  for (const target of targets) {
    succeeded += target.succeeded
    failed += target.failed
    slow += target.slow
  }
  return { succeeded, failed, slow, failuresInRow, retryAfterSeconds }
}
