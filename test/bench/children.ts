/** Processes that this run starts beside workerd. None of them outlives it. */
import { type ChildProcess, spawn, spawnSync } from 'node:child_process'
import { connect, createServer } from 'node:net'

const running = new Set<ChildProcess>()
process.on('exit', () => {
  for (const child of running) child.kill('SIGKILL')
})
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => process.exit(130))

export interface Child {
  readonly pid: number
  stop(): Promise<void>
}

/** Starts a server and resolves when its port takes connections. */
export async function startChild(
  command: string,
  args: readonly string[],
  port: number,
): Promise<Child> {
  const child = spawn(command, args, { stdio: 'ignore' })
  running.add(child)
  const ended = new Promise<void>((resolve) => {
    child.once('error', () => resolve())
    child.once('exit', () => resolve())
  }).then(() => {
    running.delete(child)
  })
  const early = ended.then(() => {
    throw new Error(`${command} ended before it listened`)
  })
  await Promise.race([untilListening(port), early])
  early.catch(() => {})
  return {
    pid: child.pid ?? 0,
    async stop() {
      child.kill('SIGKILL')
      await ended
    },
  }
}

/** The first line that a program says of its version, or null where it is not installed. */
export function versionOf(command: string, flag: string): string | null {
  const { error, stdout, stderr } = spawnSync(command, [flag], { encoding: 'utf8' })
  if (error !== undefined) return null
  return `${stdout}${stderr}`.split('\n')[0]?.trim() || command
}

/** A port that was free a moment ago. */
export function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const probe = createServer()
    probe.once('error', reject)
    probe.listen({ host: '127.0.0.1', port: 0 }, () => {
      const address = probe.address()
      const port = typeof address === 'object' && address !== null ? address.port : 0
      probe.close(() => resolve(port))
    })
  })
}

const PATIENCE_MS = 10_000

async function untilListening(port: number): Promise<void> {
  const deadline = Date.now() + PATIENCE_MS
  while (Date.now() < deadline) {
    if (await takesConnections(port)) return
    await new Promise((resolve) => setTimeout(resolve, 10))
  }
  throw new Error(`nothing listens on port ${port}`)
}

function takesConnections(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1', () => {
      socket.destroy()
      resolve(true)
    })
    socket.once('error', () => resolve(false))
  })
}
