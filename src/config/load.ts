/** From the text of a table to a Plan: parse ▸ variables ▸ check ▸ compile. Pure; the store is source's. */
import type { Environment } from '../platform/ports.ts'
import { checkTable } from './check/check.ts'
import { type CompileContext, compile } from './compile.ts'
import { problemOfMissing } from './missing.ts'
import { type Parsed, parseDocument, parseTable } from './parse.ts'
import type { Plan } from './plan.ts'
import type { Problem } from './problem.ts'
import { isConsequence, salvage } from './salvage.ts'
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
  if (parsed.kind === 'invalid') return refuseTable(parsed, context)
  const { table, missing, problems } = resolveVariables(parsed, environment.variable)
  const found = checkTable(table)
  const refused = found.filter(isForm)
  if (refused.length > 0) {
    const lacks = findLacks(parsed.document, refused, context)
    return { kind: 'invalid', problems: [...problems, ...found, ...withoutTold(lacks, problems)] }
  }
  const plan = compile(table, { ...context, absent: missing })
  return { kind: 'loaded', table, plan, warnings: found, lacks: lacksOf(plan, problems) }
}

const isForm = ({ severity }: Problem) => severity === 'form'

/** What variables and the rest of the environment lack. */
function lacksOf(plan: Plan, problems: readonly Problem[]): readonly Problem[] {
  return [...problems, ...withoutTold(plan.missing.map(problemOfMissing), problems)]
}

/** Of a variable that does not fit its place more is known than that it is missing. */
function withoutTold(lacks: readonly Problem[], told: readonly Problem[]): readonly Problem[] {
  const places = new Set(told.map(({ pointer }) => pointer))
  return lacks.filter(({ pointer }) => !places.has(pointer))
}

type Context = Pick<CompileContext, 'environment' | 'version'>

/** Beside the problems of form, what a table without them would still have (ROUTES.md §1: all at once). */
function refuseTable(
  { problems, document }: Extract<Parsed, { kind: 'invalid' }>,
  context: Context,
): Loaded {
  const rest = parseRest(document, problems)
  if (rest === null) return { kind: 'invalid', problems }
  const resolved = resolveVariables(rest, context.environment.variable)
  const { table } = resolved
  const found = checkTable(table).filter(isForm)
  const own = found.filter((problem) => !isConsequence(problem, problems, table))
  const lacks = findLacks(document, [...problems, ...found], context)
  return {
    kind: 'invalid',
    problems: [...problems, ...own, ...resolved.problems, ...withoutTold(lacks, resolved.problems)],
  }
}

/** What this Worker lacks for the sound part of a table that is refused. */
function findLacks(
  document: unknown,
  refused: readonly Problem[],
  context: Context,
): readonly Problem[] {
  const rest = parseRest(document, refused)
  if (rest === null) return []
  const { table, missing, problems } = resolveVariables(rest, context.environment.variable)
  if (checkTable(table).some(isForm)) return problems
  return lacksOf(compile(table, { ...context, absent: missing }), problems)
}

function parseRest(document: unknown, problems: readonly Problem[]) {
  const parsed = parseTable(salvage(document, problems))
  return parsed.kind === 'parsed' ? parsed : null
}
