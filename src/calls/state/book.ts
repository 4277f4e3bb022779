/** What one object knows of its upstream, and how reports change it. */
import type { Clock, Randomness } from '../../platform/ports.ts'
import type { UpstreamCommand, UpstreamReport, UpstreamSnapshot } from './messages.ts'

export interface UpstreamBookParts {
  readonly clock: Clock
  readonly randomness: Randomness
}

export class UpstreamBook {
  constructor(_parts: UpstreamBookParts) {}

  exchange(_report: UpstreamReport): UpstreamSnapshot {
    return { breaker: null, probeTokens: [], nextMs: 5_000 }
  }

  command(_command: UpstreamCommand): UpstreamSnapshot {
    return { breaker: null, probeTokens: [], nextMs: 5_000 }
  }
}
