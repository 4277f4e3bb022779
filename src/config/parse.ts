/**
 * From the text of a table to its typed form: syntax, then shape, every problem of the document at once.
 * What the parts mean together is judged in check/, what this Worker has when the table is compiled.
 */
import * as z from 'zod/mini'
import { type JsonReading, type Path, readJson } from './json.ts'
import { problemsOf } from './messages.ts'
import { placeOf, pointerOf } from './pointer.ts'
import type { Problem } from './problem.ts'
import { type RouteTable, tableSchema } from './schema.ts'

export type Parsed =
  | {
      readonly kind: 'parsed'
      /** The document as plain JSON, without comments. */
      readonly document: unknown
      /** The same, typed; a `{ "var": "NAME" }` stands in it as a VariableRef (see variables.ts). */
      readonly table: RouteTable
    }
  | {
      readonly kind: 'invalid'
      readonly problems: readonly Problem[]
      /** What the text says; undefined where it is no JSON. */
      readonly document?: unknown
    }

/** Reads a table. With `comments` also what people write in files: comments and trailing commas. */
export function parseDocument(text: string, options: { readonly comments: boolean }): Parsed {
  const unreadable: Path[] = []
  const reading = readJson(text, {
    ...options,
    onPlace: (path) => {
      if (path.at(-1) === '__proto__') unreadable.push([...path])
    },
  })
  if (reading.kind === 'broken')
    return { kind: 'invalid', problems: [syntaxProblem(text, reading)] }
  const keys = [...reading.duplicates.map(duplicateProblem), ...unreadable.map(unreadableProblem)]
  const document = reading.value
  const parsed = parseTable(document)
  if (parsed.kind === 'invalid') {
    return { kind: 'invalid', problems: [...keys, ...parsed.problems], document }
  }
  return keys.length > 0 ? { kind: 'invalid', problems: keys, document } : parsed
}

/** Judges the shape of a document that is already plain data. */
export function parseTable(document: unknown): Parsed {
  const result = z.safeParse(tableSchema, document)
  if (result.success) return { kind: 'parsed', document, table: result.data }
  return { kind: 'invalid', problems: problemsOf(result.error.issues, document) }
}

function syntaxProblem(
  text: string,
  { path, offset, found, expected }: JsonReading & { kind: 'broken' },
): Problem {
  const { line, column } = placeOf(text, offset)
  return {
    pointer: pointerOf(path),
    code: 'SYNTAX_INVALID',
    message: `line ${line}, column ${column}: expected ${expected}, found ${found}`,
    found,
    expected,
    severity: 'form',
  }
}

function duplicateProblem(path: readonly (string | number)[]): Problem {
  const key = String(path.at(-1))
  return {
    pointer: pointerOf(path),
    code: 'KEY_DUPLICATE',
    message: `expected each key once, found "${key}" twice: one of the two would be lost`,
    found: key,
    expected: 'each key once',
    severity: 'form',
  }
}

/** The schema passes this key over: a condition on it, say, would be dropped and the route match more than it says. */
function unreadableProblem(path: Path): Problem {
  return {
    pointer: pointerOf(path),
    code: 'KEY_INVALID',
    message: 'expected another key, found "__proto__", which no part of a table can be called',
    found: '"__proto__"',
    expected: 'another key',
    severity: 'form',
  }
}
