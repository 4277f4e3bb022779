/** Makes a path from another one by whole segments or a pattern. Pure; paths are normalized and encoded, and stay so. */

/** The path without the segments at its front, or the path itself where it does not begin with them. */
export function stripPrefix(path: string, prefix: string): string {
  return replacePrefix(path, prefix, '/')
}

/** Puts `to` in place of the whole segments `from` at the front of the path; another path stays. */
export function replacePrefix(path: string, from: string, to: string): string {
  const segments = withoutLastSlash(from)
  if (path !== segments && !path.startsWith(`${segments}/`)) return path
  return `${withoutLastSlash(to)}${path.slice(segments.length)}` || '/'
}

function withoutLastSlash(path: string): string {
  return path.endsWith('/') ? path.slice(0, -1) : path
}

// Subjects of regular expressions are cut here (ROUTES.md §2); what follows is kept as it is.
const MAX_SUBJECT_LENGTH = 8192

/** Replaces what the pattern finds, once; the result begins with "/". */
export function replacePattern(path: string, pattern: RegExp, replacement: string): string {
  const subject = path.slice(0, MAX_SUBJECT_LENGTH)
  const rest = path.slice(MAX_SUBJECT_LENGTH)
  const replaced = subject.replace(pattern, replacement) + rest
  return replaced.startsWith('/') ? replaced : `/${replaced}`
}

/**
 * Whether a path has "." or ".." as a segment, which services resolve. A replacement can make one out of two
 * harmless parts, be it escaped.
 */
export function hasDotSegment(path: string): boolean {
  return /\/(?:\.|%2e){1,2}(?:\/|$)/i.test(path)
}

/** `:name` at the start of a segment written out: `/users/:id` is `/users/${params.id}`. */
export function expandParams(path: string): string {
  return path.replace(/(?<=\/):([A-Za-z_][A-Za-z0-9_]*)(?=\/|$)/g, '${params.$1}')
}
