/**
 * Golden pairs: a document and all that is said about it. `UPDATE_GOLDEN=1` writes the second of each pair;
 * read the difference before committing it.
 */
import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { checkTable } from '../../src/config/check/check.ts'
import { parseDocument, parseTable } from '../../src/config/parse.ts'
import type { Problem } from '../../src/config/problem.ts'
import { resolveVariables } from '../../src/config/variables.ts'

const folder = join(import.meta.dirname, 'problems')
const names = readdirSync(folder)
  .filter((file) => file.endsWith('.routes.json'))
  .map((file) => file.slice(0, -'.routes.json'.length))

// What `{ "var": … }` in the documents finds; any other variable is missing.
const variables: Readonly<Record<string, string>> = {
  USERS_URL: 'http://127.0.0.1:9101',
  NOT_A_URL: 'users.internal',
}

function judge(text: string): readonly Problem[] {
  const parsed = parseDocument(text, { comments: true })
  if (parsed.kind === 'invalid') return parsed.problems
  const resolved = resolveVariables(parsed, (name) => variables[name], parseTable)
  return [...resolved.problems, ...checkTable(resolved.table)]
}

test.each(names)('the problems of %s are those on record', (name) => {
  const found = judge(readFileSync(join(folder, `${name}.routes.json`), 'utf8'))
  const record = join(folder, `${name}.problems.json`)
  if (process.env.UPDATE_GOLDEN === '1') {
    writeFileSync(record, `${JSON.stringify(found, null, 2)}\n`)
  }
  expect(found).toEqual(JSON.parse(readFileSync(record, 'utf8')))
})
