/** `isogate versions`: who still uses which version of the APIs behind a running gateway. */
import { parseArgs } from 'node:util'
import { adminOf } from './admin-client.ts'
import type { Command } from './command.ts'

interface Caller {
  readonly kind: string
  readonly name: string | null
  readonly uses: number
  readonly lastSeen: string
}

interface Version {
  readonly version: string
  readonly inTable: boolean
  readonly deprecated: string | null
  readonly sunset: string | null
  readonly afterSunset: string | null
  readonly callers: readonly Caller[]
}

interface Route {
  readonly route: string
  readonly versions: readonly Version[]
}

export const versions: Command = async (args, terminal) => {
  const { values } = parseArgs({
    args: [...args],
    options: {
      url: { type: 'string' },
      'token-env': { type: 'string', default: 'ADMIN_TOKEN' },
      route: { type: 'string' },
    },
  })
  const { route } = values
  const query = route === undefined ? '' : `?route=${encodeURIComponent(route)}`
  const answer = await adminOf(values, terminal).ask('GET', `versions${query}`)
  if (answer === null) return 1
  const since = (answer.countedSince as string | null)?.slice(0, 10) ?? null
  const routes = answer.routes as readonly Route[]
  for (const line of routes.flatMap((one) => linesOf(one, since))) {
    terminal.stdout.write(`${line}\n`)
  }
  if (routes.length === 0) terminal.stdout.write('no route has versions, and none was counted\n')
  if (answer.isCut === true) terminal.stdout.write('there are more callers: ask with --route\n')
  return 0
}

function linesOf({ route, versions }: Route, since: string | null): readonly string[] {
  return [
    route,
    ...versions.flatMap((version) => [
      `  ${[version.version, endOf(version)].filter((part) => part !== '').join('  ')}`,
      ...callersOf(version, since),
    ]),
  ]
}

function endOf({ inTable, deprecated, sunset, afterSunset }: Version): string {
  const end = sunset === null ? null : `ends ${sunset}`
  const parts = [
    inTable ? null : 'no longer in the table',
    deprecated === null ? null : `deprecated ${deprecated}`,
    end !== null && afterSunset === 'refuse' ? `${end} and is refused then` : end,
  ]
  return parts.filter((part) => part !== null).join(', ')
}

function callersOf({ callers }: Version, since: string | null): readonly string[] {
  if (callers.length === 0) return [`    nobody${since === null ? '' : ` since ${since}`}`]
  return callers.map(({ kind, name, uses, lastSeen }) => {
    const who = name === null ? kind : `${kind} ${name}`
    return `    ${who}  ${uses} ${uses === 1 ? 'request' : 'requests'}, last ${lastSeen}`
  })
}
