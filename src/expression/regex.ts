/**
 * Regular expressions in an expression: JavaScript with flag `u`, and `i` where it is written, in linear time, on the
 * first 8 KiB of a text (ROUTES.md §2). Only a literal makes one, so all are checked when the table is compiled.
 */
import { checkLinear } from '../regex/linear.ts'

const MAX_SUBJECT = 8192 // ROUTES.md §2: subjects are cut at 8 KiB.

/** What was expected in place of this literal, or null where it may run. */
export function checkLiteral(literal: unknown): string | null {
  // The library copies what stands before "??" and "?:" through JSON, and loses a literal in it.
  if (!(literal instanceof RegExp)) return 'no regular expression before "??" or "?:"'
  const { source, flags } = literal
  if (flags.includes('m')) return 'a regular expression without flag "m"'
  const plain = checkLinear(source)
  if (plain.kind === 'refused') return `a regular expression in linear time: ${plain.reason}`
  if (!flags.includes('i')) return null
  if (!canFold(source)) return 'a regular expression with flag "i" of plain ASCII letters'
  // Texts that differ in case are one to it, so it must be linear as if all letters were small.
  const folded = checkLinear(fold(source))
  if (folded.kind === 'linear') return null
  return `a regular expression in linear time, with flag "i" too: ${folded.reason}`
}

/** Escapes by number or property, and ranges between the cases, do not survive the change to small letters. */
function canFold(source: string): boolean {
  return /^[\0-\x7f]*$/.test(source) && !/\\[xucpPW]|[A-Z]-[^A-Z\]]|[^A-Z]-[A-Z]/.test(source)
}

/** Small letters throughout, but for escapes, names of groups included: they differ by more than case. */
function fold(source: string): string {
  return source.replace(/\\.|[A-Z]+/g, (part) =>
    part.startsWith('\\') ? part : part.toLowerCase(),
  )
}

/** What the library makes of a literal whenever it is evaluated: it searches the first 8 KiB alone. */
export class CutRegex {
  lastIndex = 0
  private readonly regex: RegExp

  constructor(literal: RegExp) {
    this.regex = new RegExp(literal.source, literal.flags.includes('i') ? 'giu' : 'gu')
  }

  exec(text: string): RegExpExecArray | null {
    this.regex.lastIndex = this.lastIndex
    const found = this.regex.exec(text.length > MAX_SUBJECT ? text.slice(0, MAX_SUBJECT) : text)
    this.lastIndex = this.regex.lastIndex
    return found
  }
}
