/** `isogate purge …`: makes what a running gateway has cached be fetched again. */
import { parseArgs } from 'node:util'
import { adminOf } from './admin-client.ts'
import { type Command, UsageError } from './command.ts'

export const purge: Command = async (args, terminal) => {
  const { values, positionals } = parseArgs({
    args: [...args],
    options: {
      url: { type: 'string' },
      'token-env': { type: 'string', default: 'ADMIN_TOKEN' },
      prefix: { type: 'string', multiple: true },
      tag: { type: 'string', multiple: true },
      route: { type: 'string', multiple: true },
      all: { type: 'boolean' },
    },
    allowPositionals: true,
  })
  const { prefix: prefixes, tag: tags, route: routes, all } = values
  const urls = positionals.length === 0 ? undefined : positionals
  const body = { urls, prefixes, tags, routes, all }
  // A command line whose variable is empty must never come to mean everything.
  if (Object.values(body).every((value) => value === undefined)) {
    throw new UsageError('expected URLs, --prefix, --tag, --route or --all, found none of them')
  }
  const answer = await adminOf(values, terminal).ask('POST', 'purge', body)
  if (answer === null) return 1
  terminal.stdout.write(
    `purge ${answer.generation} is in force everywhere within ${answer.inForceWithinSeconds} seconds\n`,
  )
  return 0
}
