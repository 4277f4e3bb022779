/** What a regular expression on a path must be: from the start of the path, and in linear time (ROUTES.md §2). */
import { checkLinear } from '../regex/linear.ts'
import { optionsOf, parseRegex, type RegexNode, startsAnchored } from '../regex/parse.ts'

/** What was expected instead, or null where the expression may be used. */
export function checkPathRegex(source: string): string | null {
  if (!source.startsWith('^')) return 'a regular expression that starts with "^"'
  const checked = checkLinear(source)
  if (checked.kind === 'refused') return `a regular expression in linear time: ${checked.reason}`
  // `^/a|/b` begins with "^" and finds "/b" in the middle of any path.
  const anchored = optionsOf(parseRegex(source)).every(startsAnchored)
  return anchored ? null : 'a regular expression in which each alternative starts with "^"'
}

/** How many characters the expression begins with that are the same in every path it holds. */
export function literalPrefixLength(source: string): number {
  let length = 0
  for (const item of itemsOf(parseRegex(source))) {
    if (item.kind === 'start') continue
    if (item.kind !== 'set') break
    const [range, more] = item.set
    if (more !== undefined || range === undefined || range[0] !== range[1]) break
    length++
  }
  return length
}

function itemsOf(node: RegexNode): readonly RegexNode[] {
  return node.kind === 'sequence' ? node.items.flatMap(itemsOf) : [node]
}
