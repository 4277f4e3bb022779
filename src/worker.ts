/** The Worker's entry: wires the platform to the gateway, once per isolate. No logic. */
import { env } from 'cloudflare:workers'
import { bindLateAdmin } from './admin/late.ts'
import { PurgeWatch, purgePolicies } from './cache/purge-watch.ts'
import { bindLoad } from './config/load-late.ts'
import { type LookPorts, TableSource } from './config/source.ts'
import { lookPolicies } from './config/source-core.ts'
import { versionOf } from './config/version.ts'
import { bindGateway } from './gateway.ts'
import { readEnvironment } from './platform/cloudflare/environment.ts'
import { makeEventSink } from './platform/cloudflare/event-sink.ts'
import { RequestPorts } from './platform/cloudflare/ports.ts'
import { makeRandomness } from './platform/cloudflare/randomness.ts'
import { readSettings } from './platform/cloudflare/settings.ts'
import { bindTablePorts, type TableBindings } from './platform/cloudflare/table-ports.ts'
import { makeMemories } from './platform/memories.ts'

export { BucketObject } from './platform/cloudflare/bucket.object.ts'
export { FillObject } from './platform/cloudflare/fill.object.ts'
export { IdempotencyObject } from './platform/cloudflare/idempotency.object.ts'
export { PurgeObject } from './platform/cloudflare/purge.object.ts'
export { TableObject } from './platform/cloudflare/table.object.ts'
export { TallyObject } from './platform/cloudflare/tally.object.ts'
export { UpstreamObject } from './platform/cloudflare/upstream.object.ts'
export { VersionsObject } from './platform/cloudflare/versions.object.ts'

const bindings = env as unknown as TableBindings & Readonly<Record<string, unknown>>
const { host, build, log, admin } = readSettings(bindings)
const environment = readEnvironment(bindings)
const load = bindLoad(environment)
const portsOf = (ports: LookPorts) => bindTablePorts(bindings, ports)
const source = new TableSource({ policy: lookPolicies[host], portsOf, load, versionOf, build })
const sink = makeEventSink(log, host === 'machine')
const isolate = {
  randomness: makeRandomness(),
  memories: makeMemories(),
  purges: new PurgeWatch(purgePolicies[host]),
}

const respond = bindGateway({
  tables: source,
  admin: bindLateAdmin({
    config: admin,
    source,
    load,
    versionOf,
    portsOf,
    build,
    host,
  }),
  writeEvent: (event, ports) => sink.write(event, ports),
  reportBug: (requestId, error) => console.error(`isogate: ${requestId}:`, error),
})

export default {
  fetch: (request, own, context) => respond(request, new RequestPorts(own, context, isolate)),
} satisfies ExportedHandler<Readonly<Record<string, unknown>>>
