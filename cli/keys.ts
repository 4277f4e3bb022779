/**
 * `isogate keys …`: makes, lists, rotates and revokes API keys of a running gateway. A new key is all that
 * `create` and `rotate` write to stdout, so that it can be piped; what is said about it goes to stderr.
 */
import { parseArgs } from 'node:util'
import { adminOf } from './admin-client.ts'
import { type Command, type ExitCode, onlyArgument, type Terminal, UsageError } from './command.ts'

const connection = {
  url: { type: 'string' },
  'token-env': { type: 'string', default: 'ADMIN_TOKEN' },
} as const

type Verb = (args: readonly string[], terminal: Terminal) => Promise<ExitCode>

export const keys: Command = (args, terminal) => {
  const [verb, ...rest] = args
  if (verb === undefined) throw new UsageError('expected a command of keys, found nothing')
  if (!Object.hasOwn(verbs, verb)) throw new UsageError(`unknown command "keys ${verb}"`)
  return verbs[verb]!(rest, terminal)
}

const create: Verb = async (args, terminal) => {
  const { values, positionals } = parseArgs({
    args: [...args],
    options: {
      ...connection,
      consumer: { type: 'string' },
      env: { type: 'string' },
      plan: { type: 'string' },
      scope: { type: 'string', multiple: true },
      role: { type: 'string', multiple: true },
      permission: { type: 'string', multiple: true },
      route: { type: 'string', multiple: true },
      metadata: { type: 'string', multiple: true },
      'expires-at': { type: 'string' },
      'expires-in': { type: 'string' },
      description: { type: 'string' },
    },
    allowPositionals: true,
  })
  nothingMore(positionals)
  if (values.consumer === undefined) throw new UsageError('expected --consumer NAME')
  const body = {
    consumer: values.consumer,
    env: values.env,
    plan: values.plan,
    scopes: values.scope,
    roles: values.role,
    permissions: values.permission,
    routes: values.route,
    metadata:
      values.metadata === undefined
        ? undefined
        : Object.fromEntries(values.metadata.map((pair) => assignment('--metadata', pair))),
    expiresAt: values['expires-at'],
    expiresInSeconds: secondsOf('--expires-in', values['expires-in']),
    description: values.description,
  }
  const answer = await adminOf(values, terminal).ask('POST', 'keys', body)
  if (answer === null) return 1
  tellNew(answer, terminal)
  return 0
}

const rotate: Verb = async (args, terminal) => {
  const { values, positionals } = parseArgs({
    args: [...args],
    options: { ...connection, grace: { type: 'string' }, 'expires-in': { type: 'string' } },
    allowPositionals: true,
  })
  const id = onlyArgument(positionals, 'the id of a key')
  const path = `keys/${encodeURIComponent(id)}/rotate`
  const answer = await adminOf(values, terminal).ask('POST', path, {
    graceSeconds: secondsOf('--grace', values.grace),
    expiresInSeconds: secondsOf('--expires-in', values['expires-in']),
  })
  if (answer === null) return 1
  tellNew(answer, terminal)
  const replaced = answer.replaced as Row
  terminal.stderr.write(`${replaced.id} is taken beside it until ${replaced.graceUntil}.\n`)
  return 0
}

const revoke: Verb = async (args, terminal) => {
  const { values, positionals } = parseArgs({
    args: [...args],
    options: connection,
    allowPositionals: true,
  })
  const id = onlyArgument(positionals, 'the id of a key')
  const path = `keys/${encodeURIComponent(id)}`
  const answer = await adminOf(values, terminal).ask('DELETE', path)
  if (answer === null) return 1
  terminal.stderr.write(
    `${id} of ${answer.consumer} is revoked, everywhere within ${answer.inForceWithinSeconds} seconds.\n`,
  )
  return 0
}

const list: Verb = async (args, terminal) => {
  const { values, positionals } = parseArgs({
    args: [...args],
    options: { ...connection, consumer: { type: 'string' } },
    allowPositionals: true,
  })
  nothingMore(positionals)
  const admin = adminOf(values, terminal)
  const rows: Row[] = []
  let cursor: string | null = null
  do {
    const query = new URLSearchParams({ limit: '1000' })
    if (values.consumer !== undefined) query.set('consumer', values.consumer)
    if (cursor !== null) query.set('cursor', cursor)
    const answer = await admin.ask('GET', `keys?${query}`)
    if (answer === null) return 1
    rows.push(...(answer.keys as Row[]))
    cursor = answer.cursor as string | null
  } while (cursor !== null)
  terminal.stdout.write(`${tableOf(rows).join('\n')}\n`)
  return 0
}

const verbs: Readonly<Record<string, Verb>> = { create, list, rotate, revoke }

type Row = Readonly<Record<string, string | null>>

function tellNew(answer: Readonly<Record<string, unknown>>, { stdout, stderr }: Terminal): void {
  stdout.write(`${answer.key}\n`)
  const end = answer.expiresAt === null ? 'It does not expire.' : `It expires ${answer.expiresAt}.`
  stderr.write(
    `${answer.id} for ${answer.consumer}. ${end} The key is shown this once: nobody can read it again.\n`,
  )
}

const columns = [
  'id',
  'prefix',
  'consumer',
  'plan',
  'state',
  'createdAt',
  'expiresAt',
  'graceUntil',
]

function tableOf(rows: readonly Row[]): string[] {
  const cells = [columns, ...rows.map((row) => columns.map((column) => row[column] ?? '-'))]
  const widths = columns.map((_, at) => Math.max(...cells.map((row) => row[at]!.length)))
  return cells.map((row) =>
    row
      .map((cell, at) => cell.padEnd(widths[at]!))
      .join('  ')
      .trimEnd(),
  )
}

function nothingMore(positionals: readonly string[]): void {
  if (positionals.length > 0) throw new UsageError(`expected options, found "${positionals[0]}"`)
}

function assignment(option: string, pair: string): [string, string] {
  const at = pair.indexOf('=')
  if (at < 1) throw new UsageError(`${option} ${pair}: expected NAME=VALUE`)
  return [pair.slice(0, at), pair.slice(at + 1)]
}

const units: Readonly<Record<string, number>> = { s: 1, m: 60, h: 3_600, d: 86_400 }

/** `90d`, `12h`, `30m` or seconds. */
function secondsOf(option: string, text: string | undefined): number | undefined {
  if (text === undefined) return undefined
  const [, count, unit = 's'] = /^(\d{1,9})([smhd])?$/.exec(text) ?? []
  if (count === undefined)
    throw new UsageError(`${option} ${text}: expected a time such as 90d, 12h or 600`)
  return Number(count) * units[unit]!
}
