/** What the admin surface is given: once per isolate its parts, per request what an exchange has. */
import type { LoadTable } from '../config/live-table.ts'
import type { LookPorts, TableSource } from '../config/source.ts'
import type { KeyStorePorts } from '../identity/keys/store.ts'
import type { Answer, Exchange } from '../pipeline/exchange.ts'
import type { Ports, TablePorts } from '../platform/ports.ts'
import type { AdminConfig } from './config.ts'

export interface AdminCall
  extends Pick<Exchange, 'request' | 'method' | 'target' | 'client' | 'received'> {
  readonly ports: LookPorts & KeyStorePorts & Pick<Ports, 'randomness'>
}

export interface AdminParts {
  readonly config: AdminConfig
  readonly source: TableSource
  readonly load: LoadTable
  readonly versionOf: (text: string) => Promise<string>
  readonly portsOf: (ports: LookPorts) => TablePorts
  /** The build of this Worker. */
  readonly build: string
  readonly host: 'cloudflare' | 'machine'
}

/** Answers one path and method; `params` are those of the path's pattern. */
export type AdminHandler = (
  call: AdminCall,
  params: Readonly<Record<string, string>>,
) => Answer | Promise<Answer>
