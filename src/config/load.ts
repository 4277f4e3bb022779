/** From the text of a table to a Plan: parse ▸ variables ▸ check ▸ compile. Pure; the store is source's. */
import type { Environment } from '../platform/ports.ts'
import { checkTable } from './check/check.ts'
import { compile } from './compile.ts'
import { problemOfMissing } from './missing.ts'
import { parseDocument } from './parse.ts'
import type { Plan } from './plan.ts'
import type { Problem } from './problem.ts'
import type { RouteTable } from './schema.ts'
import { resolveVariables } from './variables.ts'

export type Loaded =
  | {
      readonly kind: 'loaded'
      /** With the values of its variables. */
      readonly table: RouteTable
      readonly plan: Plan
      readonly warnings: readonly Problem[]
      /** What the table names and this Worker lacks: `validate` and PUT refuse it, a table in KV is served. */
      readonly lacks: readonly Problem[]
    }
  /** All that was found, also what would only be warned of or be missing here. */
  | { readonly kind: 'invalid'; readonly problems: readonly Problem[] }

export interface LoadOptions {
  /** Accept comments and trailing commas, as in files. */
  readonly comments?: boolean
  /** This very text was accepted by this build before: it is not judged again. */
  readonly trusted?: boolean
  /** What the plan is called; 16 hex digits of the SHA-256 of the text where it comes from a store. */
  readonly version?: string
}

export function loadTable(
  text: string,
  environment: Environment,
  options: LoadOptions = {},
): Loaded {
  const { comments = false, trusted = false, version = 'unversioned' } = options
  const context = { environment, version }
  // A variable's value is new with each deployment: such a table is read anew.
  if (trusted && !text.includes('"var"')) {
    const table = JSON.parse(text) as RouteTable
    const plan = compile(table, { ...context, absent: [] })
    return { kind: 'loaded', table, plan, warnings: [], lacks: plan.missing.map(problemOfMissing) }
  }
  const parsed = parseDocument(text, { comments })
  if (parsed.kind === 'invalid') return parsed
  const { table, missing, problems } = resolveVariables(parsed, environment.variable)
  const found = checkTable(table)
  if (found.some(({ severity }) => severity === 'form')) {
    return { kind: 'invalid', problems: [...problems, ...found] }
  }
  const plan = compile(table, { ...context, absent: missing })
  // Of a variable that does not fit its place more is known than that it is missing.
  const told = new Set(problems.map(({ pointer }) => pointer))
  const others = plan.missing.filter(({ pointer }) => !told.has(pointer))
  const lacks = [...problems, ...others.map(problemOfMissing)]
  return { kind: 'loaded', table, plan, warnings: found, lacks }
}
