/** Paths that are read as they are written. */
import { hasDotSegment, keepAll, normalizePath } from './normalize.ts'

/** Whether no segment is "." or "..", be it escaped, and every escape is one. */
export function isResolved(path: string): boolean {
  return !hasDotSegment(path) && typeof normalizePath(path, keepAll) === 'string'
}
