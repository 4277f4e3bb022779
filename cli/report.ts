/** Prints problems as compilers do, `file:line:column`, so that editors and terminals can jump there. */
import { locatorOf } from '../src/config/pointer.ts'
import type { Problem } from '../src/config/problem.ts'
import type { Terminal } from './command.ts'

/** Writes one problem a line, in the order of the document; a witness stands below its warning. */
export function report(file: string, text: string, problems: readonly Problem[], to: Terminal) {
  const locate = locatorOf(text)
  const placed = problems.map((problem) => ({ problem, place: placeIn(problem, locate) }))
  placed.sort((a, b) => a.place.line - b.place.line || a.place.column - b.place.column)
  for (const { problem, place } of placed) {
    const { pointer, code, message, severity, witness } = problem
    const kind = severity === 'warning' ? 'warning: ' : ''
    const where = pointer === '' ? '' : `${pointer}: `
    to.stdout.write(`${file}:${place.line}:${place.column}: ${where}${kind}${message} [${code}]\n`)
    if (witness !== undefined) to.stdout.write(`    for example ${witness}\n`)
  }
}

function placeIn({ code, message, pointer }: Problem, locate: ReturnType<typeof locatorOf>) {
  // The text of a broken document cannot be read again: the message has the place.
  const told = code === 'SYNTAX_INVALID' ? /^line (\d+), column (\d+)/.exec(message) : null
  return told === null ? locate(pointer) : { line: Number(told[1]), column: Number(told[2]) }
}
