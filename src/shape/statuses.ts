/** The statuses of the answers that a policy changes. Pure. */
import { isBodiless } from '../http/bodiless.ts'

/** The statuses whose answers are changed. */
export function bindStatuses(
  statuses: readonly (number | string)[] | undefined,
): (status: number) => boolean {
  const exact = new Set(statuses?.filter((status) => typeof status === 'number'))
  const classes = new Set((statuses ?? ['2xx']).flatMap(classOf))
  return (status) =>
    !isPartial(status) && (exact.has(status) || classes.has(Math.floor(status / 100)))
}

function classOf(status: number | string): number[] {
  return typeof status === 'string' ? [Number(status[0])] : []
}

/** Without content, or with a part of it only (RFC 9110 §15.3.7). */
function isPartial(status: number): boolean {
  return isBodiless(status) || status === 206
}
