/** The secrets that the object of an upstream needs, noted where this Worker lacks them: the object has the same. */
import type { SecretRef } from '../../schema/atoms.ts'
import type { CallScope } from '../order.ts'

export function noteMissingSecrets({ options, pointer, environment, missing }: CallScope): void {
  function note(secret: SecretRef | undefined, at: string): void {
    if (secret === undefined || environment.secret(secret.secret) !== undefined) return
    missing(`${pointer}/${at}`, 'SECRET_MISSING', secret.secret)
  }
  for (const [name, value] of Object.entries(options.health?.headers ?? {})) {
    if (typeof value !== 'string') note(value, `health/headers/${name.replaceAll('~', '~0')}`)
  }
  const { consul, kubernetes, etcd, http } = options.discover ?? {}
  note(consul?.token, 'discover/consul/token')
  note(kubernetes?.token, 'discover/kubernetes/token')
  note(etcd?.token, 'discover/etcd/token')
  if (typeof http === 'object') note(http.token, 'discover/http/token')
}
