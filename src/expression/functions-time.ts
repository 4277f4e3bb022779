/**
 * Built-in functions with pictures, and the clock. A picture says how wide a number is written, and `$toMillis` makes
 * a regular expression of it: so pictures are short, their widths small, and what is read by one is unambiguous.
 */
import { runOf } from './functions-values.ts'
import type { Definition, Focus, Native } from './library.ts'

const MAX_PICTURE = 100 // The longest of the XPath specification's examples has 60 characters.
const MAX_TIMESTAMP = 128

/** Throws unless the picture of a number or date writes no more than it may. */
export function checkPicture(picture: unknown): void {
  if (typeof picture !== 'string') return
  if (picture.length > MAX_PICTURE) throw { code: 'D3130' }
  const written = picture.replace(/\s/g, '')
  for (const [, width = ''] of written.matchAll(/,([^,[\]]*)\]/g)) {
    if (!/^(?:\*|\d{1,3})(?:-(?:\*|\d{1,3}))?$/.test(width)) throw { code: 'D3130' }
  }
}

/** Throws unless each text can be read by the picture in one way: digits and names apart from what stands between. */
function checkParsed(timestamp: string | undefined, picture: string): void {
  if (timestamp !== undefined && timestamp.length > MAX_TIMESTAMP) throw { code: 'D3110' }
  const marker = /\[([^[\]]*)\]/g
  const between = picture.replace(marker, '')
  const markers = [...picture.matchAll(marker)].map(([, text = '']) => text.replace(/\s/g, ''))
  const names = markers.filter((text) => /^.[Nn]/.test(text))
  const isWords = markers.some((text) => /^.[AaIiWw]/.test(text))
  if (isWords || names.length > 2 || /[\d[\]]/.test(between)) throw { code: 'D3136' }
}

/** The functions of time: each reads the instant of its evaluation, not the machine's clock. */
export function timeFunctions(builtIn: (name: string) => Definition): Record<string, Native> {
  const format = builtIn('fromMillis').implementation
  const parse = builtIn('toMillis').implementation
  return {
    now: function (this: Focus, picture: unknown, timezone: unknown) {
      checkPicture(picture)
      return format.apply(this, [runOf(this).now, picture, timezone] as never[])
    },
    millis: function (this: Focus) {
      return runOf(this).now
    },
    fromMillis: function (this: Focus, millis: unknown, picture: unknown, timezone: unknown) {
      checkPicture(picture)
      return format.apply(this, [millis, picture, timezone] as never[])
    },
    toMillis: function (this: Focus, timestamp: string | undefined, picture: string | undefined) {
      checkPicture(picture)
      if (picture !== undefined) checkParsed(timestamp, picture)
      return parse.apply(this, [timestamp, picture] as never[])
    },
  }
}
