/** Short ways to write what a check found. */
import type { Path } from '../json.ts'
import { pointerOf } from '../pointer.ts'
import type { Problem } from '../problem.ts'

type More = Partial<Pick<Problem, 'found' | 'expected' | 'witness'>>

/** A problem for which the document is refused. */
export function refused(path: Path, code: string, message: string, more: More = {}): Problem {
  return { pointer: pointerOf(path), code, message, ...more, severity: 'form' }
}

/** Something that works, and is probably not what was meant. */
export function warned(path: Path, code: string, message: string, more: More = {}): Problem {
  return { pointer: pointerOf(path), code, message, ...more, severity: 'warning' }
}
