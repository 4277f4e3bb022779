/** What a profile changes of the request as it goes on. */
import type { Refusal } from '../../errors/refusal.ts'
import type { Change } from '../../http/changes.ts'
import { changeQuery } from '../../http/query-changes.ts'
import type { Exchange } from '../../pipeline/exchange.ts'
import { attributesOf } from '../../template/parse.ts'
import { bindTemplate } from '../../template/template.ts'
import { isKnownLate } from '../../template/vocabulary.ts'
import type { ProfileRequest } from './schema.ts'

/** Changes the request, or tells why a value cannot stand where the table puts it. */
export type ChangeRequest = (exchange: Exchange) => Refusal | null

export function bindRequest({ headers, query }: ProfileRequest): ChangeRequest {
  const fields = bindFields(headers ?? {})
  const parameters = query === undefined ? null : bindParameters(query)
  return function changeRequest(exchange) {
    const refusal = fields(exchange)
    if (refusal !== null) return refusal
    return parameters === null ? null : parameters(exchange)
  }
}

function bindFields({
  remove = [],
  set = {},
}: NonNullable<ProfileRequest['headers']>): ChangeRequest {
  const removed = remove.map((name) => name.toLowerCase())
  const values = Object.entries(set).map(
    ([name, value]) => [name.toLowerCase(), bindTemplate(value, 'header')] as const,
  )
  return function changeFields(exchange) {
    const { headers } = exchange.outgoing
    for (const name of removed) delete headers[name]
    for (const [name, value] of values) {
      const text = value.render(exchange)
      if (typeof text !== 'string') return text
      headers[name] = text
    }
    return null
  }
}

function bindParameters({
  remove = [],
  set = {},
}: NonNullable<ProfileRequest['query']>): ChangeRequest {
  const removed = remove.map((name): Change<string> => ({ kind: 'remove', name }))
  const values = Object.entries(set).map(
    ([name, value]) => [name, bindTemplate(value, 'query')] as const,
  )
  return function changeParameters(exchange) {
    const changes = [...removed]
    for (const [name, value] of values) {
      const text = value.render(exchange)
      if (typeof text !== 'string') return text
      changes.push({ kind: 'set', name, value: text })
    }
    exchange.outgoing.query = changeQuery(exchange.outgoing.query, changes)
    return null
  }
}

/** The names of the vocabulary that the values read. */
export function attributesOfRequest({ headers, query }: ProfileRequest): readonly string[] {
  const values = [...Object.values(headers?.set ?? {}), ...Object.values(query?.set ?? {})]
  return values.flatMap(attributesOf)
}

/**
 * Fields that say who is calling: a service believes them, so a client may not write them where the profile is another.
 * Not where credentials stand: without them nobody would be known.
 */
export function fieldsOfCallers({ headers }: ProfileRequest): readonly string[] {
  return Object.entries(headers?.set ?? {})
    .filter(([, value]) => attributesOf(value).some(isKnownLate))
    .map(([name]) => name.toLowerCase())
    .filter((name) => name !== 'authorization' && name !== 'cookie')
}
