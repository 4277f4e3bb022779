/** What an operation and its result read of a request: the answer may differ by it. */
import { compileExpression } from '../../expression/expression.ts'
import { attributesOf } from '../../template/parse.ts'
import { eachText } from '../../template/texts.ts'
import { resultPath } from './result-path.ts'
import type { GraphqlRouteOptions } from './schema.ts'

/** Names of the vocabulary. What variables take by their own names stands in path and query, which every key has. */
export function attributesOfOperation({
  variables,
  result,
}: Pick<GraphqlRouteOptions, 'variables' | 'result'>): readonly string[] {
  const names: string[] = []
  eachText(variables, [], (text) => names.push(...attributesOf(text)))
  if (result === undefined || resultPath.test(result)) return names
  const compiled = compileExpression(result)
  return compiled.kind === 'invalid' ? names : [...names, ...compiled.expression.attributes]
}
