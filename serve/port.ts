/** Asks before anything is started whether a port can be had, so that the answer is one line and not a stack. */
import { createServer } from 'node:net'

/** One line that names the port and what is wrong with it, or null where it is free. */
export function portProblem(host: string, port: number, purpose: string): Promise<string | null> {
  return new Promise((resolve) => {
    const probe = createServer()
    probe.once('error', (error: NodeJS.ErrnoException) => {
      const reason =
        error.code === 'EADDRINUSE'
          ? 'is in use by another process'
          : error.code === 'EACCES'
            ? 'may only be opened with more rights'
            : error.code === 'EADDRNOTAVAIL'
              ? `cannot be opened: ${host} is no address of this machine`
              : `cannot be opened: ${error.code ?? error.message}`
      resolve(`port ${port} (${purpose}) ${reason}`)
    })
    probe.listen({ host, port, exclusive: true }, () => probe.close(() => resolve(null)))
  })
}
