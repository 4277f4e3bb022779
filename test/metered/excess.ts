/** Whether answers kept within a limit, judged from outside by when they were sent and done. Pure. */

export interface Decided {
  readonly status: number
  readonly sentAt: number
  readonly doneAt: number
}

export interface Rate {
  readonly limit: number
  readonly windowMs: number
  readonly burst: number
}

export function admitted<Answer extends Decided>(answers: readonly Answer[]): Answer[] {
  return answers.filter(({ status }) => status === 200)
}

/**
 * The most tokens by which answers go above the bound in any interval: those that were sent and done in it were
 * certainly admitted in it. At most 0 where the limit holds.
 */
export function excess(answers: readonly Decided[], { limit, windowMs, burst }: Rate): number {
  const byEnd = admitted(answers).sort((a, b) => a.doneAt - b.doneAt)
  let most = Number.NEGATIVE_INFINITY
  for (const { sentAt: from } of byEnd) {
    let count = 0
    for (const { sentAt, doneAt } of byEnd) {
      if (sentAt < from) continue
      count += 1
      most = Math.max(most, count - burst - ((doneAt - from) * limit) / windowMs)
    }
  }
  return most
}
