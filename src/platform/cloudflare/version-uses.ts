/** Calls to the object that counts who uses which version. Made per request: a stub may not outlive one. */
import type { UsesView } from '../../buckets/uses/messages.ts'
import type { VersionUses } from '../ports.ts'
import type { VersionsObject } from './versions.object.ts'

/** The name of the binding in wrangler.toml. */
export interface VersionsBindings {
  readonly VERSIONS: DurableObjectNamespace<VersionsObject>
}

/** One for the deployment: a thousand isolates come to it 33 times a second. */
const NAME = 'versions'

export function bindVersionUses({ VERSIONS }: VersionsBindings): VersionUses {
  return {
    report: async (report) => void (await VERSIONS.getByName(NAME).report(report)),
    read: async (route) => (await VERSIONS.getByName(NAME).read(route)) as UsesView,
  }
}
