/** The ports of the route table over this Worker's bindings. Made per request: a stub may not outlive one. */
import type { Ports, TablePorts, TableVersions, Timers, Unavailable } from '../ports.ts'
import { runtimeTimers } from '../timers.ts'
import { bindDocuments } from './documents.ts'
import type { TableObject } from './table.object.ts'

export interface TableBindings {
  readonly KV: KVNamespace
  readonly TABLE: DurableObjectNamespace<TableObject>
}

/** There is one table per deployment, so there is one object. */
export const tableObjectName = 'table'

// Reading 2 s, writing 3 s, and as much again for calls that came before; across an ocean 0.3 s.
const CALL_TIMEOUT_MS = 15_000

const unavailable: Unavailable = { kind: 'unavailable', retryAfterSeconds: 1 }

export function bindTablePorts(
  bindings: TableBindings,
  ports: Pick<Ports, 'clock' | 'defer'>,
): TablePorts {
  return {
    clock: ports.clock,
    timers: runtimeTimers,
    documents: bindDocuments(bindings.KV),
    versions: bindTableVersions(bindings.TABLE, runtimeTimers),
    defer: (work) => ports.defer(work),
  }
}

export function bindTableVersions(
  namespace: DurableObjectNamespace<TableObject>,
  timers: Timers,
): TableVersions {
  async function ask<Outcome>(
    question: (object: TableVersions) => Promise<Outcome>,
  ): Promise<Outcome | Unavailable> {
    const alarm = timers.after(CALL_TIMEOUT_MS)
    try {
      // The methods of the stub are those of the port; its types wrap what they give in promises of the wire.
      const object = namespace.getByName(tableObjectName) as unknown as TableVersions
      return await Promise.race([question(object), alarm.done.then(() => unavailable)])
    } catch {
      return unavailable
    } finally {
      alarm.cancel()
    }
  }
  return {
    put: (table) => ask((object) => object.put(table)),
    read: (which) => ask((object) => object.read(which)),
    rollback: (to) => ask((object) => object.rollback(to)),
    confirm: (accepted) => ask((object) => object.confirm(accepted)),
  }
}
