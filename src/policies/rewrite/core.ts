/** Makes a path from another one by a pattern. Pure; paths are normalized and encoded, and stay so. */
import { regexSubject } from '../../match/value-condition.ts'

/** Replaces what the pattern finds, once; what it does not see of a long path stays. The result begins with "/". */
export function replacePattern(path: string, pattern: RegExp, replacement: string): string {
  const subject = regexSubject(path)
  const replaced = subject.replace(pattern, replacement) + path.slice(subject.length)
  return replaced.startsWith('/') ? replaced : `/${replaced}`
}

/** `:name` at the start of a segment written out: `/users/:id` is `/users/${params.id}`. */
export function expandParams(path: string): string {
  return path.replace(/(?<=\/):([A-Za-z_][A-Za-z0-9_]*)(?=\/|$)/g, '${params.$1}')
}
