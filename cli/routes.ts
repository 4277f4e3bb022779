/** `isogate routes FILE`: the table as a person reads it, in the order of the document. */
import { parseArgs } from 'node:util'
import { alternativesOf } from '../src/config/check/alternatives.ts'
import type { BoundRoute, Plan } from '../src/config/plan.ts'
import type { RouteSpec, RouteTable } from '../src/config/schema.ts'
import {
  type Command,
  environmentOptions,
  onlyArgument,
  readEnvironment,
  readText,
  tellProblems,
} from './command.ts'
import { answerOf, conditionsOf, describePolicy, hostsOf, methodsOf, pathOf } from './describe.ts'
import { judge } from './judge.ts'

export const routes: Command = (args, terminal) => {
  const { values, positionals } = parseArgs({
    args: [...args],
    options: environmentOptions,
    allowPositionals: true,
  })
  const file = onlyArgument(positionals, 'FILE')
  const text = readText(file)
  const { loaded, problems } = judge(text, readEnvironment(values))
  if (loaded === null) {
    tellProblems(file, text, problems, terminal)
    return 1
  }
  terminal.stdout.write(`${describeTable(loaded.table, loaded.plan).join('\n')}\n`)
  return 0
}

function describeTable(table: RouteTable, plan: Plan): string[] {
  const rows = table.routes.flatMap((route, index) => describeRoute(route, plan.routes[index]!))
  return alignColumns([['HOST', 'METHODS', 'PATH', 'ROUTE', 'CALLERS', 'ANSWER'], ...rows])
}

function describeRoute(route: RouteSpec, bound: BoundRoute): Row[] {
  const matches = alternativesOf(route.match).map(({ spec }, index): Row => {
    const place = [hostsOf(spec), methodsOf(spec), pathOf(spec)]
    const callers = bound.open ? 'open' : 'known'
    return index === 0 ? [...place, route.name, callers, answerOf(route)] : place
  })
  return [
    ...matches,
    ...alternativesOf(route.match).flatMap(({ spec }) => note('if', conditionsOf(spec))),
    ...note('runs', bound.policies.map(describePolicy)),
    ...note('unavailable, needs', [...new Set(bound.missing.map(({ name }) => name))]),
  ]
}

type Row = string[] | string

const note = (label: string, items: readonly string[]): Row[] =>
  items.length === 0 ? [] : [`    ${label} ${items.join(', ')}`]

// One very long list of hosts must not push all other columns off the screen.
const MAX_WIDTH = 40

function alignColumns(rows: readonly Row[]): string[] {
  const cells = rows.filter((row) => typeof row !== 'string')
  const widths = (cells[0] ?? []).map((_, column) =>
    Math.min(MAX_WIDTH, Math.max(...cells.map((row) => row[column]?.length ?? 0))),
  )
  return rows.map((row) =>
    typeof row === 'string'
      ? row
      : row
          .map((cell, column) => cell.padEnd(widths[column]!))
          .join('  ')
          .trimEnd(),
  )
}
