/** `isogate validate FILE`: every problem and warning of a table. Warnings alone are no failure. */
import { parseArgs } from 'node:util'
import {
  type Command,
  environmentOptions,
  onlyArgument,
  readEnvironment,
  readText,
  tellProblems,
} from './command.ts'
import { judge } from './judge.ts'

export const validate: Command = (args, terminal) => {
  const { values, positionals } = parseArgs({
    args: [...args],
    options: environmentOptions,
    allowPositionals: true,
  })
  const file = onlyArgument(positionals, 'FILE')
  const text = readText(file)
  const { problems, loaded } = judge(text, readEnvironment(values))
  tellProblems(file, text, problems, terminal)
  const warnings = problems.filter(({ severity }) => severity === 'warning').length
  const errors = problems.length - warnings
  const routes = loaded === null ? '' : `${count(loaded.plan.routes.length, 'route')}, `
  terminal.stdout.write(
    `${file}: ${routes}${count(errors, 'problem')}, ${count(warnings, 'warning')}\n`,
  )
  return errors > 0 ? 1 : 0
}

function count(number: number, noun: string): string {
  return `${number === 0 ? 'no' : number} ${noun}${number === 1 ? '' : 's'}`
}
