/** The command line of `npm start`. Pure: arguments in, options or one line of refusal out. */
import { parseArgs } from 'node:util'
import type { LogForm } from '../src/observe/line.ts'

export interface StartOptions {
  readonly kind: 'run'
  /** As given; null is the demo's own routes.json. */
  readonly routes: string | null
  readonly host: string
  readonly port: number
  readonly demo: boolean
  readonly vars: Readonly<Record<string, string>>
  /** As given; null is a folder named after the routes file. */
  readonly state: string | null
  readonly log: LogForm
}

export type CommandLine =
  | StartOptions
  | { readonly kind: 'help'; readonly text: string }
  | { readonly kind: 'refused'; readonly line: string }

const HELP = `Usage: npm start -- [options]

Runs the gateway on this machine with the routes of a file, and follows the file: a saved change is live
within a second; one with problems is refused, its problems are printed, and the old table stays.

  --routes FILE      the table, JSON with comments (default: routes.json, with its demo services)
  --port N           default 8787; 0 takes any free port
  --host ADDRESS     default 127.0.0.1; 0.0.0.0 opens the gateway to the network
  --no-demo          start no demo services
  --var NAME=VALUE   a variable or secret of the gateway, such as ADMIN_TOKEN; may be given again
  --state FOLDER     where objects and KV live (default: a folder in .isogate named after the file)
  --log STYLE        pretty (default), json or off: how the event of each request is written
  --help

State survives a restart. A table put through /_gateway/routes does too: at start the file is loaded only
if its content changed since it was last loaded. Saving the file loads it always.
`

const flags = {
  routes: { type: 'string' },
  port: { type: 'string' },
  host: { type: 'string' },
  'no-demo': { type: 'boolean' },
  var: { type: 'string', multiple: true },
  state: { type: 'string' },
  log: { type: 'string' },
  help: { type: 'boolean', short: 'h' },
} as const

// Bindings that the machine itself makes; as text they would take its parts away.
const TAKEN = /^(KV|TABLE|ASSETS|ISOGATE_.*)$/

export function parseCommandLine(argv: readonly string[]): CommandLine {
  const parsed = parseFlags(argv)
  if (parsed.kind === 'refused') return parsed
  const { values } = parsed
  if (values.help) return { kind: 'help', text: HELP }

  const port = Number(values.port ?? '8787')
  if (!/^[0-9]{1,5}$/.test(values.port ?? '8787') || port > 65_535) {
    return refused(`--port: expected a number from 0 to 65535, found "${values.port}"`)
  }
  const log = values.log ?? 'pretty'
  if (log !== 'pretty' && log !== 'json' && log !== 'off') {
    return refused(`--log: expected pretty, json or off, found "${log}"`)
  }
  const vars: Record<string, string> = {}
  for (const pair of values.var ?? []) {
    const [, name, value] = /^([A-Za-z_][A-Za-z0-9_]*)=(.*)$/s.exec(pair) ?? []
    // The value may be a secret: the message names at most what stands before the "=".
    if (name === undefined || value === undefined) {
      return refused(`--var: expected NAME=VALUE, found "${pair.split('=')[0]}…"`)
    }
    if (TAKEN.test(name)) return refused(`--var: the gateway itself has a binding ${name}`)
    vars[name] = value
  }
  return {
    kind: 'run',
    routes: values.routes ?? null,
    host: values.host ?? '127.0.0.1',
    port,
    demo: values['no-demo'] !== true,
    vars,
    state: values.state ?? null,
    log,
  }
}

function parseFlags(argv: readonly string[]) {
  try {
    const { values } = parseArgs({ args: [...argv], options: flags, allowPositionals: false })
    return { kind: 'parsed', values } as const
  } catch (error) {
    // Node's message goes on with advice about "--" that does not fit below npm.
    const [sentence = ''] = (error as Error).message.split('. ')
    return refused(`${sentence}; see npm start -- --help`)
  }
}

function refused(line: string) {
  return { kind: 'refused', line } as const
}
