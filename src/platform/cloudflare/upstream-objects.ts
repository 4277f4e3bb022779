/** Calls to the objects of upstreams. Made per request: a stub may not outlive one. */
import type { UpstreamSnapshot, UpstreamStatus } from '../../calls/state/messages.ts'
import type { UpstreamObjects } from '../ports.ts'
import type { UpstreamObject } from './upstream.object.ts'

/** The names of the bindings in wrangler.toml. */
export interface UpstreamBindings {
  readonly UPSTREAMS: DurableObjectNamespace<UpstreamObject>
}

export function bindUpstreamObjects({ UPSTREAMS }: UpstreamBindings): UpstreamObjects {
  return {
    exchange: async (name, report) =>
      (await UPSTREAMS.getByName(name).exchange(report)) as UpstreamSnapshot,
    command: async (name, command) =>
      (await UPSTREAMS.getByName(name).command(command)) as UpstreamStatus,
  }
}
