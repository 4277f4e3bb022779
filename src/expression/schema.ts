/** The schema atom of an expression: text that does not compile is a problem of the document. */
import * as z from 'zod/mini'
import { text } from '../schema/atoms.ts'
import './at-hand.ts'
import { compileExpression } from './expression.ts'

/** Notes as a problem that the text does not compile, where it does not. */
export function checkExpression(payload: z.core.ParsePayload<string>): void {
  const compiled = compileExpression(payload.value)
  if (compiled.kind === 'expression') return
  const { at, reason } = compiled
  payload.issues.push({
    code: 'custom',
    input: payload.value,
    message: `expected, at character ${at + 1}, ${reason}, found ${foundAt(payload.value, at)}`,
    params: { code: 'EXPRESSION_INVALID' },
    // As zod's own checks do: the value has the right type, so a union reports this and no alternatives.
    continue: true,
  })
}

const MAX_FOUND = 24

/** What stands at a place of the text, for a message. */
function foundAt(text: string, at: number): string {
  const rest = text.slice(at).trim()
  if (rest === '') return 'its end'
  return JSON.stringify(rest.length > MAX_FOUND ? `${rest.slice(0, MAX_FOUND)}…` : rest)
}

/** A JSONata expression. */
export const expressionText: z.ZodMiniType<string> = text(
  z.check<string>(checkExpression) as z.core.$ZodCheck<string>,
)
