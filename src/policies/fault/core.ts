/** Decides whether a request is held back or answered with a problem. Pure: the chances are arguments. */

export interface FaultRule {
  /** Milliseconds since 1970: from then on it does nothing. */
  readonly untilMs: number
  /** Lower-case name of the field that a request must carry; null for none. */
  readonly header: string | null
  /** Shares from 0 to 1. */
  readonly delay: { readonly ms: number; readonly share: number } | null
  readonly abort: { readonly status: number; readonly share: number } | null
}

export interface Fault {
  /** 0 for no delay. */
  readonly delayMs: number
  /** The status of the problem, or null where the request goes on. */
  readonly status: number | null
}

const none: Fault = Object.freeze({ delayMs: 0, status: null })

/** `draw` gives a number from 0 (included) to 1 (excluded): one for the delay, one for the abort. */
export function chooseFault(
  rule: FaultRule,
  headers: Readonly<Record<string, string | undefined>>,
  now: number,
  draw: () => number,
): Fault {
  if (now >= rule.untilMs) return none
  if (rule.header !== null && headers[rule.header] === undefined) return none
  const delayMs = rule.delay !== null && draw() < rule.delay.share ? rule.delay.ms : 0
  const status = rule.abort !== null && draw() < rule.abort.share ? rule.abort.status : null
  return delayMs === 0 && status === null ? none : { delayMs, status }
}

/** How the event tells it. */
export function wordFor({ delayMs, status }: Fault): string {
  if (status === null) return delayMs === 0 ? 'passed' : 'delayed'
  return delayMs === 0 ? 'aborted' : 'delayed:aborted'
}
