/** What the event says of a policy that changed a body, or could not. */
import type { Refusal } from '../errors/refusal.ts'

/** With the reason behind a colon where there is one: for the operator alone. */
export function outcomeOf(
  { reason }: Refusal,
  word: 'refused' | 'would-refuse' = 'refused',
): string {
  return reason === undefined ? word : `${word}:${reason}`
}
