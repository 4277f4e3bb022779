/**
 * Runs workerd so that it cannot outlive us. It stands under a small shell that reads our pipe: a line is a
 * signal for workerd, and the pipe's end, which comes even when we are killed with SIGKILL, is its end.
 */
import { type ChildProcess, spawn } from 'node:child_process'
import { createInterface } from 'node:readline'
import type { Readable, Writable } from 'node:stream'
import { requireOfWrangler } from './build.ts'

// fd 3: where workerd reports its sockets. fd 4: our pipe, moved away from stdin, which a background
// command of a shell does not keep. The shell itself is silent: "Killed" would be noise.
const SUPERVISOR = `
exec 4<&0 </dev/null
"$@" 4<&- &
child=$!
printf '{"event":"started","pid":%d}\\n' "$child" >&3
exec 2>/dev/null
{ while read -r signal; do kill -s "$signal" "$child"; done; kill -s KILL "$child"; } <&4 3>&- &
watcher=$!
wait "$child"
status=$?
kill -s KILL "$watcher"
exit "$status"
`

// SIGTERM lets requests in flight finish, and leaves the listener open without taking a connection from it:
// a request that hangs would keep the port for ever.
const GRACE_MS = 3000

export interface WorkerdOptions {
  readonly configPath: string
  /** The folder in which workerd runs: relative paths of disks and unix sockets start there. */
  readonly folder: string
  /** The sockets to wait for. */
  readonly sockets: readonly string[]
  /** Added to the environment. */
  readonly variables: Readonly<Record<string, string>>
  /** `inherit` writes events where we write; `pipe` hands them over as `stdout` and `stderr`. */
  readonly output: 'inherit' | 'pipe' | 'ignore'
}

export interface Workerd {
  /** Port by socket name; a unix socket has none. */
  readonly ports: ReadonlyMap<string, number>
  /** Of workerd itself, not of the shell above it. */
  readonly pid: number
  readonly process: ChildProcess
  /** Resolves once it has ended, with its exit status. */
  readonly ended: Promise<number>
  stop(): Promise<void>
}

/** Starts workerd and resolves when it listens; rejects when it ends before. */
export async function startWorkerd(options: WorkerdOptions): Promise<Workerd> {
  const binary = requireOfWrangler('workerd').default as string
  const command = [binary, 'serve', '--control-fd=3', options.configPath, 'config']
  const child = spawn('/bin/sh', ['-c', SUPERVISOR, 'isogate-workerd', ...command], {
    cwd: options.folder,
    env: { ...process.env, ...options.variables },
    // Its own process group: Ctrl-C reaches us alone, and requests in flight get their grace.
    detached: true,
    stdio: ['pipe', options.output, options.output, 'pipe'],
  })
  const signals = child.stdin as Writable
  signals.on('error', () => {}) // It ended by itself; `ended` tells.
  const ended = new Promise<number>((resolve) => {
    child.once('exit', (status) => resolve(status ?? 1))
  })
  const { ports, pid } = await listening(child.stdio[3] as Readable, options.sockets, ended)
  return {
    ports,
    pid,
    process: child,
    ended,
    async stop() {
      signals.write('TERM\n')
      const kill = setTimeout(() => signals.end(), GRACE_MS)
      await ended
      clearTimeout(kill)
      signals.destroy()
    },
  }
}

interface Report {
  readonly event: string
  readonly pid?: number
  readonly socket?: string
  readonly port?: number
}

async function listening(
  control: Readable,
  sockets: readonly string[],
  ended: Promise<number>,
): Promise<{ readonly ports: ReadonlyMap<string, number>; readonly pid: number }> {
  const ports = new Map<string, number>()
  let pid = 0
  const all = new Promise<void>((resolve) => {
    createInterface({ input: control }).on('line', (line) => {
      const report = JSON.parse(line) as Report
      if (report.event === 'started') pid = report.pid ?? 0
      if (report.event === 'listen') ports.set(report.socket ?? '', report.port ?? 0)
      if (sockets.every((socket) => ports.has(socket))) resolve()
    })
  })
  const early = ended.then((status) => {
    throw new Error(`workerd ended with status ${status} before it listened`)
  })
  await Promise.race([all, early])
  return { ports, pid }
}
