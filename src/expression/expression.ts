/**
 * JSONata, bounded (ROUTES.md §5): an expression is checked and made ready when a table is compiled, and evaluated
 * for many requests at once, each with a count of its own. Nothing of one evaluation is kept for the next.
 */
import type { Exchange } from '../pipeline/exchange.ts'
import { checkNodes } from './check.ts'
import { evaluateWith, makeReady, type Ready } from './evaluate.ts'
import { builtIns } from './library.ts'
import { type Invalid, parseExpression } from './parse.ts'
import { readsOf } from './reads.ts'
import type { LimitName, Limits } from './run.ts'

export interface Expression {
  readonly text: string
  /** What it reads of its input by name, from the root, as far as that is plain in its text: ['cart','body','items']. */
  readonly paths: readonly (readonly string[])[]
  /** Whether it may also read what `paths` does not name (`$`, `$$`, a wildcard at the root, …). */
  readonly readsAll: boolean
  /** Names of the template vocabulary that it reads: 'claims.sub', 'query.x' (written $claims.sub, $query.x). */
  readonly attributes: readonly string[]
  evaluate(input: unknown, at: Occasion): Promise<Evaluated>
}

export interface Occasion {
  readonly exchange: Exchange
  /** Milliseconds since 1970. */
  readonly now: number
  readonly limits?: Partial<Limits>
}

export interface Limited {
  readonly kind: 'limited'
  readonly limit: LimitName
}

export interface Failed {
  readonly kind: 'failed'
  /** JSONata's code, such as `T2001`: for the operator. */
  readonly reason: string
}

/** `undefined` as value: the expression came to nothing. */
export type Evaluated = { readonly kind: 'value'; readonly value: unknown } | Limited | Failed

export type Compiled = { readonly kind: 'expression'; readonly expression: Expression } | Invalid

export function compileExpression(text: string): Compiled {
  const parsed = parseExpression(text)
  if (parsed.kind === 'invalid') return parsed
  const { program } = parsed
  const ast = program.ast()
  const builtIn = builtIns()
  const checked = checkNodes(ast, builtIn)
  if (checked.kind === 'invalid') return checked
  const reads = readsOf(ast, builtIn)
  const ready: Ready = makeReady({ program, checked, reads, builtIn })
  return {
    kind: 'expression',
    expression: {
      text,
      ...reads,
      attributes: checked.attributes.map((attribute) => attribute.join('.')),
      evaluate: (input, at) => evaluateWith(ready, input, at),
    },
  }
}
