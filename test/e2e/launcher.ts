/** `npm start` as a process of its own, with what it prints and all that it starts. */
import { spawn } from 'node:child_process'
import { readdirSync, readFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { createInterface } from 'node:readline'
import { projectFolder } from '../../serve/project.ts'
import { atEnd, until } from './cleanup.ts'

export interface Launcher {
  readonly pid: number
  /** Lines of stdout and stderr. */
  readonly lines: readonly string[]
  /** Resolves with the status once the process has ended; null where a signal ended it. */
  readonly ended: Promise<number | null>
  /** The URL in the line that says it is ready. */
  ready(): Promise<string>
  /** The first line that contains this text. */
  line(text: string): Promise<string>
  kill(signal: NodeJS.Signals): void
  /** Ids of all processes below this one that live. */
  descendants(): readonly number[]
}

/** Runs `npm start -- …`. */
export function launch(...options: readonly string[]): Launcher {
  const npm = spawn('npm', ['start', '--silent', '--', ...options], {
    cwd: projectFolder,
    // A process group of its own, as a terminal gives it: a signal to the group is Ctrl-C.
    detached: true,
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  const pid = npm.pid!
  const lines: string[] = []
  for (const stream of [npm.stdout, npm.stderr]) {
    createInterface({ input: stream }).on('line', (line) => lines.push(line))
  }
  let over = false
  const ended = new Promise<number | null>((resolve) => {
    npm.once('close', (status) => {
      over = true
      resolve(status)
    })
  })
  const line = (text: string) =>
    until(() => {
      const found = lines.find((candidate) => candidate.includes(text))
      if (found === undefined && over) throw new Error(`npm start ended:\n${lines.join('\n')}`)
      return found
    }, 30_000) // With a build on a busy machine.
  const kill = (signal: NodeJS.Signals) => {
    if (!over) process.kill(-pid, signal)
  }
  atEnd(async () => {
    kill('SIGINT')
    await ended
  })
  return {
    pid,
    lines,
    ended,
    line,
    ready: async () => (await line('ready on ')).replace('ready on ', ''),
    kill,
    descendants: () => descendantsOf(pid),
  }
}

/** Those of these processes that still live. */
export function alive(pids: readonly number[]): readonly number[] {
  return pids.filter((pid) => {
    const state = statOf(pid)?.state
    return state !== undefined && state !== 'Z'
  })
}

/** A port that is free now. */
export async function freePort(): Promise<number> {
  const probe = createServer()
  await new Promise<void>((resolve) => probe.listen(0, '127.0.0.1', resolve))
  const { port } = probe.address() as { port: number }
  await new Promise((resolve) => probe.close(resolve))
  return port
}

function descendantsOf(root: number): readonly number[] {
  const parents = readdirSync('/proc')
    .filter((name) => /^[0-9]+$/.test(name))
    .flatMap((name) => statOf(Number(name)) ?? [])
  const found = [root]
  for (const parent of found) {
    found.push(...parents.filter(({ ppid }) => ppid === parent).map(({ pid }) => pid))
  }
  return found
}

function statOf(pid: number) {
  try {
    // The name in brackets may hold anything; what follows its end is fixed (proc(5)).
    const [state = '', ppid = ''] = readFileSync(`/proc/${pid}/stat`, 'utf8')
      .replace(/^.*\) /s, '')
      .split(' ')
    return { pid, state, ppid: Number(ppid) }
  } catch {
    return undefined
  }
}
