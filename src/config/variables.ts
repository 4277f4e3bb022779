/**
 * Puts the values of variables into a table: `{ "var": "NAME" }` stands wherever a string may (ROUTES.md §1).
 * The document is read again with the values, so that each is held to the form of its place. A variable that is
 * missing, or does not fit its place, takes its own routes out and no other (see stand-in.ts).
 */
import { VariableRef } from '../schema/variable-ref.ts'
import type { Path } from './json.ts'
import { problemOfMissing } from './missing.ts'
import type { Parsed } from './parse.ts'
import type { Missing } from './plan.ts'
import { isWithin, pointerOf } from './pointer.ts'
import type { Problem } from './problem.ts'
import type { RouteTable } from './schema.ts'
import { standIn } from './stand-in.ts'

export interface ResolvedTable {
  /** Holds no VariableRef: what could not be resolved has a stand-in that compiles and lets nothing pass. */
  readonly table: RouteTable
  /** Where variables could not be put in place; compile takes out the routes that need them. */
  readonly missing: readonly Missing[]
  /** The same for the operator, with severity `environment`. */
  readonly problems: readonly Problem[]
}

/** Asks for the value of a plain variable. */
export type AskVariable = (name: string) => string | undefined

/** Judges the shape of a document: `parseTable`. */
export type ParseTable = (document: unknown) => Parsed

/** The table with the values of its variables in place. */
export function resolveVariables(
  parsed: { readonly table: RouteTable; readonly document: unknown },
  ask: AskVariable,
  parseTable: ParseTable,
): ResolvedTable {
  const references = findReferences(parsed.table)
  if (references.length === 0) {
    return { table: parsed.table, missing: [], problems: [] }
  }
  const unset = references.filter(({ name }) => ask(name) === undefined).map(missingAt)
  const given = references.filter(({ name }) => ask(name) !== undefined)
  const misfits = findMisfits(substitute(parsed.document, given, ask), given, parseTable)
  const isMisfit = (pointer: string) =>
    misfits.some((problem) => isWithin(problem.pointer, pointer))
  const fitting = given.filter(({ pointer }) => !isMisfit(pointer))
  const unresolved = references.filter((reference) => !fitting.includes(reference))
  const final = parseTable(substitute(parsed.document, fitting, ask))
  // Values that fit alone may break a rule together; then none of them is taken.
  const table = final.kind === 'parsed' ? final.table : parsed.table
  const left = final.kind === 'parsed' ? unresolved : references
  return {
    table: standIn(table, left),
    missing: left.map(missingAt),
    problems: [...unset.map(problemOfMissing), ...misfits],
  }
}

export interface Reference {
  readonly path: Path
  readonly pointer: string
  /** Of the variable. */
  readonly name: string
}

function findReferences(table: RouteTable): Reference[] {
  const found: Reference[] = []
  const path: (string | number)[] = []
  function walk(value: unknown) {
    if (typeof value !== 'object' || value === null) return
    if (value instanceof VariableRef) {
      found.push({ path: [...path], pointer: pointerOf(path), name: value.name })
      return
    }
    const entries = Array.isArray(value) ? value.entries() : Object.entries(value)
    for (const [key, inner] of entries) {
      path.push(key)
      walk(inner)
      path.pop()
    }
  }
  walk(table)
  return found
}

function missingAt({ pointer, name }: Reference): Missing {
  return { pointer, code: 'VARIABLE_MISSING', name }
}

/** Problems of the values in a document that has them, each told at the place of its variable. */
function findMisfits(
  document: unknown,
  given: readonly Reference[],
  parseTable: ParseTable,
): Problem[] {
  const reread = parseTable(document)
  if (reread.kind === 'parsed') return []
  return reread.problems.flatMap((problem) =>
    given
      .filter(
        ({ pointer }) => isWithin(problem.pointer, pointer) || isWithin(pointer, problem.pointer),
      )
      .map(({ pointer, name }) => misfitProblem(pointer, name, problem)),
  )
}

// The value itself is left out: it belongs to the environment, not to the document.
function misfitProblem(pointer: string, name: string, { expected }: Problem): Problem {
  const wanted = expected ?? 'a value that fits here'
  return {
    pointer,
    code: 'VARIABLE_INVALID',
    message: `expected ${wanted}, found another value in the variable "${name}"`,
    found: `the variable "${name}"`,
    expected: wanted,
    severity: 'environment',
  }
}

/** The document with values at the places of the references; what lies beside them is shared, not copied. */
function substitute(
  document: unknown,
  references: readonly Reference[],
  ask: AskVariable,
): unknown {
  const copy = { root: document }
  const copied = new Set<unknown>()
  for (const { path, name } of references) {
    let holder = copy as Record<string | number, unknown>
    let key: string | number = 'root'
    for (const next of path) {
      let inner = holder[key] as Record<string | number, unknown>
      if (!copied.has(inner)) {
        inner = (Array.isArray(inner) ? [...inner] : { ...inner }) as typeof inner
        copied.add(inner)
        holder[key] = inner
      }
      holder = inner
      key = next
    }
    holder[key] = ask(name)
  }
  return copy.root
}
