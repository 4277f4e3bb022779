/** Tells problems as compilers do, `file:line:column`, so that editors and terminals can jump there. */
import { locatorOf, type Place } from './pointer.ts'
import type { Problem } from './problem.ts'

/** One line a problem, in the order of the document; a witness stands below its warning. `text` is empty for no file. */
export function problemLines(
  file: string,
  text: string,
  problems: readonly Problem[],
): readonly string[] {
  const locate = locatorOf(text)
  const placed = problems.map((problem) => ({ problem, place: placeIn(problem, locate) }))
  placed.sort((a, b) => a.place.line - b.place.line || a.place.column - b.place.column)
  return placed.flatMap(({ problem, place }) => {
    const { pointer, code, message, severity, witness } = problem
    const at = text === '' ? file : `${file}:${place.line}:${place.column}`
    const where = pointer === '' ? '' : `${pointer}: `
    const kind = severity === 'warning' ? 'warning: ' : ''
    const line = `${at}: ${where}${kind}${message} [${code}]`
    return witness === undefined ? [line] : [line, `    for example ${witness}`]
  })
}

function placeIn({ code, message, pointer }: Problem, locate: (pointer: string) => Place): Place {
  // The text of a broken document cannot be read again: the message has the place.
  const told = code === 'SYNTAX_INVALID' ? /^line (\d+), column (\d+)/.exec(message) : null
  return told === null ? locate(pointer) : { line: Number(told[1]), column: Number(told[2]) }
}
