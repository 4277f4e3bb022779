/**
 * The one Durable Object that owns the version of the table: storage for the book, KV for the texts. What it
 * does is the ledger's; its methods take and give plain values only.
 */
import { DurableObject } from 'cloudflare:workers'
import type { Ledger } from '../../config/ledger/core.ts'
import { TableLedger } from '../../config/ledger/ledger.ts'
import { versionOf } from '../../config/version.ts'
import type { ConfirmOutcome, PutOutcome, ReadOutcome, TablePut, TableVersions } from '../ports.ts'
import { runtimeTimers } from '../timers.ts'
import { bindDocuments } from './documents.ts'
import { readHost } from './host.ts'

const LEDGER_KEY = 'ledger'

// Ten times what KV needs to show a write everywhere. On one machine it shows it at once.
const STALE_FOR_MS = 600_000

export interface TableObjectBindings {
  readonly KV: KVNamespace
}

export class TableObject extends DurableObject<TableObjectBindings> {
  readonly #ledger: TableLedger

  constructor(context: DurableObjectState, env: TableObjectBindings) {
    super(context, env)
    const { kv } = context.storage
    this.#ledger = new TableLedger({
      storage: {
        read: () => kv.get<Ledger>(LEDGER_KEY) ?? null,
        // The output gate holds back what leaves the object until this is on disk.
        write: (ledger) => kv.put(LEDGER_KEY, ledger),
      },
      documents: bindDocuments(env.KV),
      clock: { now: () => Date.now() },
      timers: runtimeTimers,
      versionOf,
      staleForMs: readHost(env) === 'machine' ? 0 : STALE_FOR_MS,
    })
  }

  put(table: TablePut): Promise<PutOutcome> {
    return this.#ledger.put(table)
  }

  read(which: Parameters<TableVersions['read']>[0]): Promise<ReadOutcome> {
    return this.#ledger.read(which)
  }

  rollback(to: Parameters<TableVersions['rollback']>[0]): Promise<PutOutcome> {
    return this.#ledger.rollback(to)
  }

  confirm(accepted: Parameters<TableVersions['confirm']>[0]): Promise<ConfirmOutcome> {
    return this.#ledger.confirm(accepted)
  }
}
