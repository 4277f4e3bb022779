/** `headers` of an upstream: constants, templates and secrets, set on each call over what is there. */
import type { Refusal } from '../../errors/refusal.ts'
import type { Fields } from '../../http/headers.ts'
import type { Exchange } from '../../pipeline/exchange.ts'
import type { BindScope } from '../../pipeline/policy.ts'
import { bindHeaderValue } from '../../template/header-value.ts'
import type { UpstreamOptions } from './schema.ts'

type Write = (fields: Fields, exchange: Exchange) => Refusal | null

/** Writes the fields, or tells why a value cannot stand in a header. */
export function bindUpstreamHeaders(
  headers: NonNullable<UpstreamOptions['headers']>,
  scope: BindScope,
): Write {
  const values = Object.entries(headers).map(([field, value]) => ({
    name: field.toLowerCase(),
    value: bindHeaderValue(value, { list: 'headers', field }, scope),
  }))
  return function writeHeaders(fields, exchange) {
    for (const { name, value } of values) {
      const rendered = value.render(exchange)
      if (typeof rendered !== 'string') return rendered
      fields[name] = rendered
    }
    return null
  }
}
