/** The schema atom of an expression: text that does not compile is a problem of the document. */
import * as z from 'zod/mini'
import { text } from '../schema/atoms.ts'
import { compileExpression } from './expression.ts'

const compiles = z.check<string>((payload) => {
  const compiled = compileExpression(payload.value)
  if (compiled.kind === 'expression') return
  payload.issues.push({
    code: 'custom',
    input: payload.value,
    message: `expected, at character ${compiled.at + 1}, ${compiled.reason}`,
    params: { code: 'EXPRESSION_INVALID' },
    // As zod's own checks do: the value has the right type, so a union reports this and no alternatives.
    continue: true,
  })
}) as z.core.$ZodCheck<string>

/** A JSONata expression. */
export const expressionText: z.ZodMiniType<string> = text(compiles)
