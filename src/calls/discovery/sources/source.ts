/** Asks the source of an upstream's targets, each kind in its own way. Never rejects. */
import type { WakeIo } from '../../state/part.ts'
import type { Reading } from '../core.ts'
import type { SourceRules } from '../rules.ts'
import { unreadable } from './ask.ts'
import { readConsul } from './consul.ts'
import { readDns } from './dns.ts'
import { readEtcd } from './etcd.ts'
import { readHttp } from './http.ts'
import { readKubernetes } from './kubernetes.ts'

export interface Where {
  /** Where to go on; null to begin. */
  readonly cursor: string | null
  /** Whether to wait for a change, where the source can. */
  readonly watch: boolean
  readonly refreshMs: number
}

/** Proxies in between close connections that are silent for a minute. */
const MAX_WAIT_MS = 55_000

export async function readSource(
  source: SourceRules,
  { cursor, watch, refreshMs }: Where,
  io: WakeIo,
): Promise<Reading> {
  // The list is read anew at the end of each wait, so that `refreshSeconds` holds where a watch is broken too.
  const waitMs = watch ? Math.min(MAX_WAIT_MS, refreshMs) : null
  try {
    switch (source.kind) {
      case 'dns':
        return await readDns(source, io)
      case 'consul':
        return await readConsul(source, { cursor, waitMs }, io)
      case 'kubernetes':
        return await readKubernetes(source, { cursor, waitMs }, io)
      case 'etcd':
        return await readEtcd(source, { cursor, waitMs }, io)
      case 'http':
        return await readHttp(source, cursor, io)
    }
  } catch {
    // JSON of another shape than its API says.
    return unreadable
  }
}
