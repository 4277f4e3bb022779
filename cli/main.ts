/** The `isogate` command: which subcommand, and how its outcome becomes an exit code. */
import { type Command, type ExitCode, type Terminal, UsageError } from './command.ts'
import { descriptors } from './descriptors.ts'
import { explain } from './explain.ts'
import { keys } from './keys.ts'
import { purge } from './purge.ts'
import { routes } from './routes.ts'
import { validate } from './validate.ts'
import { versions } from './versions.ts'

const commands: Readonly<Record<string, Command>> = {
  validate,
  routes,
  explain,
  keys,
  purge,
  versions,
  descriptors,
}

const usage = `isogate: reads route tables as the gateway does, and looks after its keys and its cache

  isogate validate FILE           every problem and warning; the exit code is 0, or 1 with problems
  isogate routes FILE             the table as a person reads it
  isogate explain FILE METHOD URL which route answers a request, which lost and why, which policies run
  isogate keys create             makes an API key on a running gateway, and prints it this once
  isogate keys list               its keys: ids, states and dates, never the keys
  isogate keys rotate ID          makes a key in the place of another, which is taken beside it for a while
  isogate keys revoke ID          ends a key
  isogate purge URL …             has what a running gateway cached of these URLs be fetched again
  isogate versions                who still uses which version of the APIs behind a running gateway
  isogate descriptors put NAME FILE  gives it the messages of gRPC services (protoc --include_imports)
  isogate descriptors list        which sets it has
  isogate descriptors delete NAME ends one

Options of validate, routes and explain
  --var NAME=VALUE                a variable or secret that the Worker has (repeatable)
  --service NAME                  a service binding that the Worker has (repeatable)
                                  Nothing else is assumed: what a table names and these do not give
                                  is a problem for \`validate\`, and a note for the other two.

Options of explain
  -H, --header 'Name: value'      a header field (repeatable)
  --body FILE                     the body, for routes that look into it
  --ip ADDRESS                    the address of the client
  --country CODE  --continent CODE  --asn NUMBER

Options of keys, purge, versions and descriptors
  --url URL                       the gateway, such as https://api.example.com (else ISOGATE_URL)
  --token-env NAME                the variable that has the admin token (ADMIN_TOKEN)
  create: --consumer NAME         whose key it is; needed
          --env live  --plan NAME  --scope S  --role R  --permission P  --route NAME
          --metadata NAME=VALUE   (these but env and plan repeatable)
          --expires-in 90d  --expires-at 2027-01-31T00:00:00Z  --description TEXT
  list:   --consumer NAME
  rotate: --grace 24h             how long the old key is still taken  --expires-in 90d
  purge:  --prefix URL  --tag T  --route NAME  (repeatable, in the place of URLs or beside them)  --all
  versions: --route NAME

Exit codes: 0 all is well, 1 the table has problems (explain: or no route answers; keys, purge, versions,
descriptors: the gateway refused or did not answer), 2 wrong usage.
`

/** Runs the command line and gives the exit code. */
export async function main(args: readonly string[], terminal: Terminal): Promise<ExitCode> {
  const [name, ...rest] = args
  if (name === '--help' || name === '-h' || name === 'help' || rest.includes('--help')) {
    terminal.stdout.write(usage)
    return 0
  }
  try {
    if (name === undefined) throw new UsageError('expected a command, found nothing')
    if (!Object.hasOwn(commands, name)) throw new UsageError(`unknown command "${name}"`)
    return await commands[name]!(rest, terminal)
  } catch (error) {
    if (!isUsageError(error)) throw error
    terminal.stderr.write(`isogate: ${error.message}\n\n${usage}`)
    return 2
  }
}

// Node's parseArgs throws TypeErrors with codes of this family.
function isUsageError(error: unknown): error is Error {
  if (error instanceof UsageError) return true
  const code = error instanceof Error && 'code' in error ? error.code : undefined
  return typeof code === 'string' && code.startsWith('ERR_PARSE_ARGS')
}
