/** The demo services as processes of their own. Each ends when its channel to us closes, however we ended. */
import { type ChildProcess, fork } from 'node:child_process'
import { join } from 'node:path'
import { demoPorts } from '../examples/services/ports.ts'
import { portProblem } from './port.ts'
import { projectFolder } from './project.ts'

const demoHost = '127.0.0.1'

/** A line for each demo port that cannot be had. */
export async function demoPortProblems(): Promise<readonly string[]> {
  const problems = await Promise.all(
    Object.entries(demoPorts).map(([name, port]) =>
      portProblem(demoHost, port, `demo service ${name}`),
    ),
  )
  return problems.filter((problem) => problem !== null)
}

/** Starts all services, resolves when each listens; returns what stops them. */
export async function startDemo(): Promise<() => Promise<void>> {
  const services = Object.keys(demoPorts).map((name) =>
    fork(join(projectFolder, 'examples/services', `${name}.ts`), {
      execArgv: [],
      // Its own process group: Ctrl-C reaches us alone, and the services outlive the requests in flight.
      detached: true,
      stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
    }),
  )
  const stop = async () => {
    await Promise.all(services.map(stopService))
  }
  try {
    await Promise.all(services.map(listening))
  } catch (error) {
    await stop()
    throw error
  }
  return stop
}

/** A token of the user that the README knows, or null where the users service gives none. */
export async function demoToken(): Promise<string | null> {
  const answer = await fetch(`http://${demoHost}:${demoPorts.users}/tokens/u_1001`).catch(
    () => null,
  )
  return answer?.ok ? answer.text() : null
}

function listening(service: ChildProcess): Promise<void> {
  return new Promise((resolve, reject) => {
    service.once('message', () => resolve())
    service.once('exit', (status) => reject(new Error(`a demo service ended with ${status}`)))
  })
}

async function stopService(service: ChildProcess): Promise<void> {
  if (service.exitCode !== null || service.signalCode !== null) return
  const ended = new Promise((resolve) => service.once('exit', resolve))
  if (service.connected) service.disconnect()
  await ended
}
