/** Whether the answer to a probe is that of a target that is well. Pure. */
import type { ProbeResult } from './core.ts'
import type { HealthRules } from './rules.ts'

export function judgeStatus(status: number, { expect }: HealthRules): ProbeResult {
  return expect.some(([from, to]) => from <= status && status <= to) ? 'ok' : `status-${status}`
}

export function judgeBody(text: string, { body }: HealthRules): ProbeResult {
  if (body === null) return 'ok'
  // The schema let through only what takes linear time.
  const holds =
    'contains' in body ? text.includes(body.contains) : new RegExp(body.regex, 'u').test(text)
  return holds ? 'ok' : 'body'
}
