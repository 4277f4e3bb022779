/**
 * Which version a request means, and what its answers say of it (RFC 9745, RFC 8594). Versions stand from the oldest
 * to the newest; a client of one passes the steps of every later one. Pure.
 */
import { writeHttpDate } from '../../http/dates.ts'
import { isOffCalendar } from '../../schema/calendar.ts'

const dateForm = /^\d{4}-\d{2}-\d{2}$/
const numberForm = /^\d+$/

// Longer than any name that a table has: what is longer names nothing, and is not looked at.
const MAX_ASKED_LENGTH = 100

function isDate(name: string): boolean {
  return dateForm.test(name) && !isOffCalendar(name)
}

/** `numbers` are told from `names`: JavaScript puts such keys of an object in front, whatever their place. */
export type Naming = 'dates' | 'numbers' | 'names'

export function namingOf(name: string): Naming {
  if (dateForm.test(name)) return 'dates'
  return numberForm.test(name) ? 'numbers' : 'names'
}

/** From the oldest to the newest: dates and numbers in their own order, names by their place. */
export function orderVersions(names: readonly string[]): readonly string[] {
  const [first] = names
  if (first === undefined || namingOf(first) === 'names') return names
  return namingOf(first) === 'dates'
    ? names.toSorted()
    : names.toSorted((one, other) => Number(one) - Number(other))
}

/** The spelling by which versions are found: case says nothing, nor does a "v" before a digit. */
export function spelled(asked: string): string {
  return asked
    .trim()
    .toLowerCase()
    .replace(/^v(?=\d)/, '')
}

/** Gives the index of the version that is asked for, or null. */
export function bindFind(ordered: readonly string[]): (asked: string) => number | null {
  const indexes = new Map(ordered.map((name, index) => [spelled(name), index]))
  const isDated = ordered.every(isDate)
  return function find(asked) {
    if (asked.length > MAX_ASKED_LENGTH) return null
    const name = spelled(asked)
    const index = indexes.get(name)
    if (index !== undefined) return index
    return isDated && isDate(name) ? newestUntil(ordered, name) : null
  }
}

/** A day between two versions means the one that was in force on it. */
function newestUntil(ordered: readonly string[], day: string): number | null {
  const index = ordered.findLastIndex((name) => name <= day)
  return index === -1 ? null : index
}

/** Until when a version is served, and who is told. Times are milliseconds since 1970. */
export interface Lifecycle {
  readonly deprecatedAt: number | null
  readonly sunsetAt: number | null
  /** A page about the end of the version. */
  readonly link: string | null
  /** Whether it is refused once `sunsetAt` is there. */
  readonly isRefusedAfter: boolean
}

export function hasEnded({ sunsetAt, isRefusedAfter }: Lifecycle, now: number): boolean {
  return isRefusedAfter && sunsetAt !== null && now >= sunsetAt
}

/** The fields of every answer to a client of the version: the dates, past or to come, and where to read about them. */
export function lifecycleFields(life: Lifecycle): readonly (readonly [string, string])[] {
  const { deprecatedAt, sunsetAt, link } = life
  const fields: (readonly [string, string])[] = []
  if (deprecatedAt !== null) {
    // A date of structured fields (RFC 9651 §3.3.7): whole seconds.
    fields.push(['Deprecation', `@${Math.floor(deprecatedAt / 1000)}`])
    if (link !== null) fields.push(['Link', `<${link}>; rel="deprecation"`])
  }
  if (sunsetAt !== null) {
    fields.push(['Sunset', writeHttpDate(sunsetAt)])
    if (link !== null) fields.push(['Link', `<${link}>; rel="sunset"`])
  }
  return fields
}

/** The status for a client of version `from`: each later version's map is asked, the newest first. */
export function statusFor(
  status: number,
  from: number,
  maps: readonly (ReadonlyMap<number, number> | null)[],
): number {
  let shown = status
  for (let index = maps.length - 1; index > from; index -= 1) {
    shown = maps[index]?.get(shown) ?? shown
  }
  return shown
}
