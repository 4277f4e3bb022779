/** A server in the place of a gateway that the `isogate` command operates, and the command with what it writes. */
import type { Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterEach, beforeEach, vi } from 'vitest'
import { main } from '../../cli/main.ts'

/** Lets the command find the server during each test; the server listens on a port of its own. */
export function operate(server: Server): void {
  beforeEach(async () => {
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    vi.stubEnv('ADMIN_TOKEN', 'canary')
    vi.stubEnv('ISOGATE_URL', `http://127.0.0.1:${(server.address() as AddressInfo).port}`)
  })
  afterEach(async () => {
    vi.unstubAllEnvs()
    server.closeAllConnections()
    await new Promise((resolve) => server.close(resolve))
  })
}

/** The command with its first word given: its exit code, and what it wrote. */
export function bindCommand(name: string) {
  return async function run(...args: readonly string[]) {
    let out = ''
    let error = ''
    const code = await main([name, ...args], {
      stdout: { write: (text: string) => (out += text) },
      stderr: { write: (text: string) => (error += text) },
    })
    return { code, out, error }
  }
}
