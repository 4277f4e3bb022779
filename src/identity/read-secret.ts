/** Reads the secret of a policy when it is bound; one that is missing or empty takes its routes out. */
import { Secret } from '../http/secret.ts'
import type { BindScope } from '../pipeline/policy.ts'
import type { SecretRef } from '../schema/atoms.ts'

/** `pointer` is its place in the document. An empty secret would let in whoever sends nothing. */
export function readSecret(scope: BindScope, pointer: string, ref: SecretRef): Secret {
  const value = scope.environment.secret(ref.secret)
  if (value === undefined || value === '') scope.missing(pointer, 'SECRET_MISSING', ref.secret)
  return new Secret(`${ref.prefix ?? ''}${value ?? ''}`)
}
