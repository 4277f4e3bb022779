/**
 * Judges a text and makes a Plan of it: parse ▸ variables ▸ check ▸ compile. Pure. Whoever asks brings the parser,
 * with which come all schemas: an isolate loads them only when it has to judge (decision 21).
 */
import { checkTable } from './check/check.ts'
import { type CompileContext, compile } from './compile.ts'
import { problemOfMissing } from './missing.ts'
import type { Parsed } from './parse.ts'
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

/** What of parse.ts is needed here. */
export type Parser = Pick<typeof import('./parse.ts'), 'parseDocument' | 'parseTable'>

export interface JudgeContext extends Pick<CompileContext, 'environment' | 'version'> {
  /** Accept comments and trailing commas, as in files. */
  readonly comments: boolean
  readonly parser: Parser
}

type Context = Omit<JudgeContext, 'comments'>

export function judgeTable(text: string, context: JudgeContext): Loaded {
  const { comments, parser, environment } = context
  const parsed = parser.parseDocument(text, { comments })
  if (parsed.kind === 'invalid') return refuseTable(parsed, context)
  const resolved = resolveVariables(parsed, environment.variable, parser.parseTable)
  const { table, missing, problems } = resolved
  const found = checkTable(table)
  const refused = found.filter(isForm)
  if (refused.length > 0) {
    const lacks = findLacks(parsed.document, refused, context)
    return { kind: 'invalid', problems: [...problems, ...found, ...withoutTold(lacks, problems)] }
  }
  const plan = compile(table, { ...context, absent: missing })
  return { kind: 'loaded', table, plan, warnings: found, lacks: lacksOf(plan, problems) }
}

/**
 * The plan of a text that this build accepted before: it is not judged again. Null where it has variables, whose
 * values are new with each deployment.
 */
export function trustTable(
  text: string,
  context: Pick<JudgeContext, 'environment' | 'version'>,
): Loaded | null {
  if (text.includes('"var"')) return null
  const table = JSON.parse(text) as RouteTable
  const plan = compile(table, { ...context, absent: [] })
  return { kind: 'loaded', table, plan, warnings: [], lacks: plan.missing.map(problemOfMissing) }
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

/** Beside the problems of form, what a table without them would still have (ROUTES.md §1: all at once). */
function refuseTable(
  { problems, document }: Extract<Parsed, { kind: 'invalid' }>,
  context: Context,
): Loaded {
  const { parser, environment } = context
  const rest = parseRest(document, problems, parser)
  if (rest === null) return { kind: 'invalid', problems }
  const resolved = resolveVariables(rest, environment.variable, parser.parseTable)
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
  const { parser, environment } = context
  const rest = parseRest(document, refused, parser)
  if (rest === null) return []
  const ask = environment.variable
  const { table, missing, problems } = resolveVariables(rest, ask, parser.parseTable)
  if (checkTable(table).some(isForm)) return problems
  return lacksOf(compile(table, { ...context, absent: missing }), problems)
}

function parseRest(document: unknown, problems: readonly Problem[], { parseTable }: Parser) {
  const parsed = parseTable(salvage(document, problems))
  return parsed.kind === 'parsed' ? parsed : null
}
