/** Whether services hear who calls: what they answer then is that caller's, and nobody else's to be shown. Pure. */
import { attributesOf } from '../../../template/parse.ts'
import { isKnownLate } from '../../../template/vocabulary.ts'
import type { BoundUpstream } from '../../http/upstream.ts'

/** The names of the vocabulary that the header fields of an upstream read. */
export function namesRead({ options }: BoundUpstream): readonly string[] {
  const values = Object.values(options.headers ?? {})
  return values.flatMap((value) => (typeof value === 'string' ? attributesOf(value) : []))
}

/** Whether each call of an upstream names the caller: by a token of the gateway, or by a field that reads claims. */
export function tellsCaller(upstream: BoundUpstream): boolean {
  return upstream.options.auth?.sign !== undefined || namesRead(upstream).some(isKnownLate)
}
