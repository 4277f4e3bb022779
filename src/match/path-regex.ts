/** What a regular expression on a path must be: from the start of the path, and in linear time (ROUTES.md §2). */
import { checkLinear } from '../regex/linear.ts'

/** What was expected instead, or null where the expression may be used. */
export function checkPathRegex(source: string): string | null {
  if (!source.startsWith('^')) return 'a regular expression that starts with "^"'
  const checked = checkLinear(source)
  return checked.kind === 'linear' ? null : `a regular expression in linear time: ${checked.reason}`
}
