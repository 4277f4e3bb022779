/** Decides whether an address may call: `deny` wins over `allow`, and no known address is denied. Pure. */
import type { AddressSet } from '../../http/cidr.ts'

export interface AddressRules {
  /** Null where every address that is not denied may call. */
  readonly allow: AddressSet | null
  readonly deny: AddressSet | null
}

export function isAddressAllowed(address: string | null, { allow, deny }: AddressRules): boolean {
  // A list cannot be kept against a caller whose address is not known.
  if (address === null) return false
  if (deny?.(address)) return false
  return allow === null || allow(address)
}
