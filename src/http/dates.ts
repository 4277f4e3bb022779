/** HTTP dates (RFC 9110 §5.6.7): the three forms that recipients read, and no other. Pure. */

const months = 'jan feb mar apr may jun jul aug sep oct nov dec'.split(' ')
const clock = '([0-2][0-9]):([0-5][0-9]):([0-5][0-9]|60)'
const day = '(?:mon|tue|wed|thu|fri|sat|sun)'
const longDay = '(?:monday|tuesday|wednesday|thursday|friday|saturday|sunday)'
const month = `(${months.join('|')})`

/** Case does not count: senders that get it wrong are told apart from other mistakes by nothing else. */
const imf = new RegExp(`^${day}, ([0-3][0-9]) ${month} ([0-9]{4}) ${clock} gmt$`, 'i')
const rfc850 = new RegExp(`^${longDay}, ([0-3][0-9])-${month}-([0-9]{2}) ${clock} gmt$`, 'i')
const asctime = new RegExp(`^${day} ${month} ([ 0-3][0-9]) ${clock} ([0-9]{4})$`, 'i')

/** Milliseconds since 1970, or null. `now` tells which century two digits of a year mean. */
export function parseHttpDate(text: string, now: number): number | null {
  const modern = imf.exec(text)
  if (modern !== null) return timeOf(modern, Number(modern[3]), [1, 2, 4])
  const old = rfc850.exec(text)
  if (old !== null) return timeOf(old, fullYear(Number(old[3]), now), [1, 2, 4])
  const unix = asctime.exec(text)
  return unix === null ? null : timeOf(unix, Number(unix[6]), [2, 1, 3])
}

/** More than 50 years ahead means the century before (RFC 9110 §5.6.7). */
function fullYear(twoDigits: number, now: number): number {
  const current = new Date(now).getUTCFullYear()
  const year = current - (current % 100) + twoDigits
  return year > current + 50 ? year - 100 : year
}

function timeOf(
  found: RegExpExecArray,
  year: number,
  [dayAt, monthAt, clockAt]: readonly [number, number, number],
): number | null {
  const dayOfMonth = Number(found[dayAt])
  const monthIndex = months.indexOf((found[monthAt] as string).toLowerCase())
  const hours = Number(found[clockAt])
  const minutes = Number(found[clockAt + 1])
  // A leap second has no place of its own in the count.
  const seconds = Math.min(59, Number(found[clockAt + 2]))
  if (hours > 23) return null
  const time = Date.UTC(year, monthIndex, dayOfMonth, hours, minutes, seconds)
  // The 31st of a month that has 30 days is no date.
  return new Date(time).getUTCDate() === dayOfMonth ? time : null
}

/** IMF-fixdate: the one form that is sent. */
export function writeHttpDate(time: number): string {
  return new Date(time).toUTCString()
}
