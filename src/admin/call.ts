/** What the admin surface is given: once per isolate its parts, per request what an exchange has. */
import type { LoadTable } from '../config/live-table.ts'
import type { LookPorts, TableSource } from '../config/source.ts'
import type { Answer, Exchange } from '../pipeline/exchange.ts'
import type { TablePorts } from '../platform/ports.ts'
import type { AdminConfig } from './config.ts'

/** All of it: `/_gateway/usage` asks the table's identity policies who is calling. */
export type AdminCall = Exchange

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
