/** The service behind all contestants: nginx where it is installed, since it costs the least. */
import { join } from 'node:path'
import { projectFolder } from '../../serve/project.ts'
import { freePort, startChild, versionOf } from './children.ts'
import { documents, originBody } from './documents.ts'
import { type Server, startNginxOrigin } from './nginx.ts'

export interface Origin extends Server {
  readonly kind: string
}

export async function startOrigin(folder: string): Promise<Origin> {
  const nginx = versionOf('nginx', '-v')
  if (nginx !== null) return { kind: nginx, ...(await startNginxOrigin(folder)) }
  const port = await freePort()
  const script = join(projectFolder, 'test/bench/node-origin.ts')
  const child = await startChild(
    process.execPath,
    [script, String(port), originBody, JSON.stringify(documents)],
    port,
  )
  return { kind: `node ${process.version}`, port, ...child }
}
