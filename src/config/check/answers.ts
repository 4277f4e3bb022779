/** A route has exactly one answer, and a fixed answer at most one body (ROUTES.md §3). */
import type { Problem } from '../problem.ts'
import type { RouteTable } from '../schema.ts'
import { refused } from './note.ts'

const answers = ['upstream', 'redirect', 'respond', 'aggregate', 'batch'] as const
const expected = `exactly one of ${answers.map((key) => `"${key}"`).join(', ')}`

export function checkAnswers(table: RouteTable): Problem[] {
  return table.routes.flatMap((route, index) => {
    const given = answers.filter((key) => route[key] !== undefined)
    const problems: Problem[] = []
    if (given.length === 0) {
      const message = `expected ${expected}, found none of them`
      problems.push(
        refused(['routes', index], 'ANSWER_MISSING', message, { found: 'nothing', expected }),
      )
    }
    for (const key of given.slice(1)) {
      const message = `expected ${expected}, found also "${given[0]}"`
      problems.push(
        refused(['routes', index, key], 'ANSWER_AMBIGUOUS', message, { found: key, expected }),
      )
    }
    if (route.respond?.body !== undefined && route.respond.json !== undefined) {
      const message = 'expected "body" or "json", found both'
      problems.push(
        refused(['routes', index, 'respond', 'json'], 'BODY_AMBIGUOUS', message, {
          found: 'both',
          expected: '"body" or "json"',
        }),
      )
    }
    return problems
  })
}
