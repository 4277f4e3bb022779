/**
 * Whole segments at the front of a path, and what stands there instead: `rewrite` and redirects mean the same by
 * it. Both are brought to the form in which request paths are compared, so that what comes out is in it too.
 */
import { keepAll, normalizePath } from './normalize.ts'

/** Replaces `from` by `to` where a path begins with it. The schema has refused what is no path, so this throws on it. */
export function bindPrefix(from: string, to: string): (path: string) => string {
  const front = withoutLastSlash(normalized(from))
  const other = withoutLastSlash(normalized(to))
  const below = `${front}/`
  return function replacePrefix(path) {
    if (path !== front && !path.startsWith(below)) return path
    return `${other}${path.slice(front.length)}` || '/'
  }
}

function normalized(path: string): string {
  const form = normalizePath(path, keepAll)
  if (typeof form !== 'string') throw new TypeError(`expected a path, found "${path}"`)
  return form
}

function withoutLastSlash(path: string): string {
  return path.endsWith('/') ? path.slice(0, -1) : path
}
