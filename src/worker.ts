/** The Worker's entry: wires the platform to the gateway, once per isolate. No logic. */
import { bindAdmin } from './admin/admin.ts'
import { loadTable } from './config/load.ts'
import { makeTableSource } from './config/source.ts'
import { bindGateway, type Respond } from './gateway.ts'
import { readEnvironment } from './platform/cloudflare/environment.ts'
import { makeEventSink } from './platform/cloudflare/event-sink.ts'
import { makePorts } from './platform/cloudflare/ports.ts'
import { makeRandomness } from './platform/cloudflare/randomness.ts'
import { readSettings } from './platform/cloudflare/settings.ts'

export { TableObject } from './platform/cloudflare/table.object.ts'
