/** What a table may read of a Worker, on every host: the gateway's own names and bindings are out of its reach. */
import type { Environment } from './ports.ts'

/** The gateway's own credentials and settings (ROUTES.md §1). */
const reserved = /^(?:ADMIN_|ISOGATE_)/

/** The gateway's own bindings: none of them is a service of the operator's. */
const own: ReadonlySet<string> = new Set(['ASSETS', 'BUCKETS', 'KV', 'TABLE', 'TALLY', 'UPSTREAMS'])

/** What the host has: no host makes a difference between variables and secrets. */
export interface Given {
  text(name: string): string | undefined
  service(name: string): ReturnType<Environment['service']>
  rateLimiter?(name: string): boolean
}

export function makeEnvironment(given: Given): Environment {
  const read = (name: string) => (reserved.test(name) ? undefined : given.text(name))
  return {
    variable: read,
    secret: read,
    service: (name) => (own.has(name) ? 'other' : given.service(name)),
    rateLimiter: (name) => given.rateLimiter?.(name) ?? false,
    salt: given.text('ISOGATE_SALT') || undefined,
  }
}
