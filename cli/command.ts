/** What the commands share: where they write, what they say by their exit code, and the environment they assume. */
import { readFileSync } from 'node:fs'
import type { Problem } from '../src/config/problem.ts'
import { problemLines } from '../src/config/report.ts'
import { makeEnvironment } from '../src/platform/environment.ts'
import type { Environment } from '../src/platform/ports.ts'

/** Where a command writes; `process` fits. */
export interface Terminal {
  readonly stdout: { write(text: string): unknown }
  readonly stderr: { write(text: string): unknown }
}

/** 0: all is well. 1: the table has problems, or the gateway refused. 2: the command was not understood, or the file not read. */
export type ExitCode = 0 | 1 | 2

export type Command = (args: readonly string[], terminal: Terminal) => ExitCode | Promise<ExitCode>

/** The command line is wrong: `main` prints the message and how the command is used. */
export class UsageError extends Error {}

/** The text of a file, or a UsageError that says why it cannot be read. */
export function readText(file: string): string {
  try {
    return readFileSync(file, 'utf8')
  } catch (error) {
    const reason =
      (error as NodeJS.ErrnoException).code === 'ENOENT' ? 'there is no such file' : error
    throw new UsageError(`${file}: ${reason}`)
  }
}

/** Writes the problems of a file, a line each. */
export function tellProblems(
  file: string,
  text: string,
  problems: readonly Problem[],
  to: Terminal,
): void {
  for (const line of problemLines(file, text, problems)) to.stdout.write(`${line}\n`)
}

/** Options of every command that reads a table, in the form of `parseArgs`. */
export const environmentOptions = {
  var: { type: 'string', multiple: true, default: [] as string[] },
  service: { type: 'string', multiple: true, default: [] as string[] },
} as const

/**
 * What the command line says that the Worker has. The shell's own environment is left out: a table that only
 * validates because a variable happens to be set here would fail where it runs.
 */
export function readEnvironment(values: {
  readonly var: readonly string[]
  readonly service: readonly string[]
}): Environment {
  const given = new Map(values.var.map(splitAssignment))
  return makeEnvironment({
    text: (name) => given.get(name),
    service: (name) => (values.service.includes(name) ? 'present' : 'absent'),
  })
}

function splitAssignment(text: string): [string, string] {
  const at = text.indexOf('=')
  if (at < 1) throw new UsageError(`--var ${text}: expected NAME=VALUE`)
  return [text.slice(0, at), text.slice(at + 1)]
}

/** The one positional argument that is expected, under the name that the usage gives it. */
export function onlyArgument(positionals: readonly string[], name: string): string {
  const [first, ...more] = positionals
  if (first === undefined) throw new UsageError(`expected ${name}, found nothing`)
  if (more.length > 0) throw new UsageError(`expected only ${name}, found also "${more[0]}"`)
  return first
}
