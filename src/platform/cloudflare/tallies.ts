/** Calls to the object of the tally. Made per request: a stub may not outlive one. */
import type { TallyAnswer, TallyView } from '../../buckets/tally/messages.ts'
import type { Tallies } from '../ports.ts'
import type { TallyObject } from './tally.object.ts'

/** The name of the binding in wrangler.toml. */
export interface TallyBindings {
  readonly TALLY: DurableObjectNamespace<TallyObject>
}

/** One for the deployment: it tells isolates how often it wants to hear of them. */
const NAME = 'tally'

export function bindTallies({ TALLY }: TallyBindings): Tallies {
  return {
    report: async (report) => (await TALLY.getByName(NAME).report(report)) as TallyAnswer,
    read: async () => (await TALLY.getByName(NAME).read()) as TallyView,
  }
}
