/** `isogate descriptors`: puts, lists and deletes the sets of descriptors of a running gateway. */
import { readFileSync } from 'node:fs'
import { parseArgs } from 'node:util'
import { adminOf } from './admin-client.ts'
import { type Command, onlyArgument, type Terminal, UsageError } from './command.ts'

type Verb = (args: readonly string[], terminal: Terminal) => Promise<0 | 1>

export const descriptors: Command = async (args, terminal) => {
  const [name, ...rest] = args
  if (name === undefined || !Object.hasOwn(verbs, name)) {
    const found = name === undefined ? 'nothing' : `"${name}"`
    throw new UsageError(`expected put, list or delete, found ${found}`)
  }
  return verbs[name]!(rest, terminal)
}

function parse(args: readonly string[]) {
  return parseArgs({
    args: [...args],
    options: {
      url: { type: 'string' },
      'token-env': { type: 'string', default: 'ADMIN_TOKEN' },
    },
    allowPositionals: true,
  })
}

const put: Verb = async (args, terminal) => {
  const { values, positionals } = parse(args)
  const [name, file, ...more] = positionals
  if (name === undefined || file === undefined) throw new UsageError('expected a name and a file')
  if (more.length > 0) throw new UsageError(`expected a name and a file, found also "${more[0]}"`)
  const path = `descriptors/${encodeURIComponent(name)}`
  const answer = await adminOf(values, terminal).ask('PUT', path, readBytes(file))
  if (answer === null) return 1
  const { serviceCount, bytes, inForceWithinSeconds } = answer
  terminal.stderr.write(
    `${name} has ${serviceCount} services in ${bytes} bytes; in force everywhere within ${inForceWithinSeconds} seconds.\n`,
  )
  return 0
}

function readBytes(file: string): Uint8Array<ArrayBuffer> {
  try {
    return new Uint8Array(readFileSync(file))
  } catch (error) {
    const isMissing = (error as NodeJS.ErrnoException).code === 'ENOENT'
    throw new UsageError(`${file}: ${isMissing ? 'there is no such file' : error}`)
  }
}

interface Row {
  readonly name: string
  readonly bytes: number
  readonly at: string
  readonly services: readonly string[]
  readonly serviceCount: number
}

const list: Verb = async (args, terminal) => {
  const { values, positionals } = parse(args)
  if (positionals.length > 0) throw new UsageError(`expected options, found "${positionals[0]}"`)
  const answer = await adminOf(values, terminal).ask('GET', 'descriptors')
  if (answer === null) return 1
  for (const row of answer.descriptors as readonly Row[]) {
    const more = row.serviceCount - row.services.length
    const services = row.services.join(', ') + (more > 0 ? ` and ${more} more` : '')
    terminal.stdout.write(`${row.name}  ${row.bytes} bytes  ${row.at}  ${services}\n`)
  }
  return 0
}

const remove: Verb = async (args, terminal) => {
  const { values, positionals } = parse(args)
  const name = onlyArgument(positionals, 'the name of a set')
  const path = `descriptors/${encodeURIComponent(name)}`
  const answer = await adminOf(values, terminal).ask('DELETE', path)
  if (answer === null) return 1
  terminal.stderr.write(
    `${name} is deleted, everywhere within ${answer.inForceWithinSeconds} seconds.\n`,
  )
  return 0
}

const verbs: Readonly<Record<string, Verb>> = { put, list, delete: remove }
