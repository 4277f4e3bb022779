/** From the text of a table to a Plan: parse ▸ variables ▸ check ▸ compile. Pure; the store is source's. */
import type { Environment } from '../platform/ports.ts'
import { checkTable } from './check/check.ts'
import { compile } from './compile.ts'
import { parseDocument } from './parse.ts'
import type { Missing, Plan } from './plan.ts'
import type { Problem } from './problem.ts'
import type { RouteTable } from './schema.ts'
import { resolveVariables } from './variables.ts'

export type Loaded =
  | {
      readonly kind: 'loaded'
      readonly plan: Plan
      readonly warnings: readonly Problem[]
      /** What the table names and this Worker lacks: `validate` and PUT refuse it, a table in KV is served. */
      readonly missing: readonly Missing[]
    }
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
  // A variable's value is new with each deployment: such a table is read anew.
  if (trusted && !text.includes('"var"')) {
    return bind(JSON.parse(text) as RouteTable, [], [], { environment, version })
  }
  const parsed = parseDocument(text, { comments })
  if (parsed.kind === 'invalid') return parsed
  const resolved = resolveVariables(parsed, environment.variable)
  const found = checkTable(resolved.table)
  const errors = found.filter(({ severity }) => severity === 'form')
  if (errors.length > 0) return { kind: 'invalid', problems: errors }
  return bind(resolved.table, found, resolved.missing, { environment, version })
}

function bind(
  table: RouteTable,
  warnings: readonly Problem[],
  absent: readonly Missing[],
  context: { readonly environment: Environment; readonly version: string },
): Loaded {
  const plan = compile(table, { ...context, absent })
  return { kind: 'loaded', plan, warnings, missing: plan.missing }
}
