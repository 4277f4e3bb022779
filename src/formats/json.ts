/** JSON (RFC 8259). Repeated names: the last counts, as JSON.parse has it. Pure. */
import { type Decoded, type Encoded, invalid, MAX_DEPTH } from './format.ts'

export function readJson(text: string): Decoded {
  if (isTooDeep(text)) return invalid(`it is nested more than ${MAX_DEPTH} levels deep`)
  try {
    return { kind: 'value', value: JSON.parse(text) as unknown }
  } catch {
    return invalid('it is no JSON')
  }
}

export function writeJson(value: unknown): Encoded {
  try {
    // Of undefined, a function or a symbol nothing would be written at all.
    return { kind: 'bytes', bytes: JSON.stringify(value) ?? 'null' }
  } catch {
    // A cycle, a bigint, or more levels than the stack has.
    return invalid('the value is none of JSON')
  }
}

const QUOTE = 0x22
const OPEN = 0x5b
const BACKSLASH = 0x5c
const CLOSE = 0x5d

/** Counted before anything is made: V8's own parser takes any depth, and what is made of it then breaks others. */
function isTooDeep(text: string): boolean {
  // Each level needs two signs, so that small bodies, which most are, need no look.
  if (text.length <= 2 * MAX_DEPTH) return false
  let depth = 0
  for (let at = 0; at < text.length; at++) {
    const code = text.charCodeAt(at)
    if (code === QUOTE) at = endOfString(text, at)
    // "{" is "[" with one bit more, and "}" is "]" with the same bit.
    else if ((code & ~0x20) === OPEN && ++depth > MAX_DEPTH) return true
    else if ((code & ~0x20) === CLOSE) depth--
  }
  return false
}

/** Where the string ends that begins at `start`; the text's end where it does not. */
function endOfString(text: string, start: number): number {
  let at = start + 1
  for (;;) {
    const end = text.indexOf('"', at)
    if (end === -1) return text.length
    let before = end - 1
    while (text.charCodeAt(before) === BACKSLASH) before--
    // An even number of backslashes stands for itself.
    if ((end - 1 - before) % 2 === 0) return end
    at = end + 1
  }
}
