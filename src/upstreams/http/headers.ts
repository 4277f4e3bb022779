/** `headers` of an upstream: constants, templates and secrets, set on each call over what is there. */
import type { Refusal } from '../../errors/refusal.ts'
import type { Fields } from '../../http/headers.ts'
import { Secret } from '../../http/secret.ts'
import type { Exchange } from '../../pipeline/exchange.ts'
import type { SecretRef } from '../../schema/atoms.ts'
import { bindTemplate } from '../../template/template.ts'

type Write = (fields: Fields, exchange: Exchange) => Refusal | null

/** Writes the fields, or tells why a value cannot stand in a header. `readSecret` notes a missing one itself. */
export function bindUpstreamHeaders(
  headers: Readonly<Record<string, string | SecretRef>>,
  readSecret: (field: string, ref: SecretRef) => Secret,
): Write {
  const writes = Object.entries(headers).map(([field, value]) =>
    bindField(field.toLowerCase(), typeof value === 'string' ? value : readSecret(field, value)),
  )
  return function writeHeaders(fields, exchange) {
    for (const write of writes) {
      const refusal = write(fields, exchange)
      if (refusal !== null) return refusal
    }
    return null
  }
}

function bindField(name: string, value: string | Secret): Write {
  if (value instanceof Secret) {
    return function writeSecret(fields) {
      fields[name] = value.reveal()
      return null
    }
  }
  const template = bindTemplate(value, 'header')
  return function writeTemplate(fields, exchange) {
    const rendered = template.render(exchange)
    if (typeof rendered !== 'string') return rendered
    fields[name] = rendered
    return null
  }
}
