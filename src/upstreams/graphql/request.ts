/** Puts an operation with its variables on the wire: GraphQL over HTTP, by POST or GET, with its hash where that is asked for. */
import { sha256Hex } from '../../buckets/sha256.ts'
import { emptyFields, type Fields } from '../../http/headers.ts'
import type { Exchange, Outgoing } from '../../pipeline/exchange.ts'
import type { GraphqlRouteOptions } from './schema.ts'

/** `hash` stands for the document; `both` makes it known; `document` goes without. */
export type Form = 'hash' | 'both' | 'document'

export interface Wire {
  make(exchange: Exchange, variables: Readonly<Record<string, unknown>>, form: Form): Outgoing
}

export interface WireParts {
  readonly path: string
  readonly route: GraphqlRouteOptions
  /** The name of the operation, for those who trace the service; null where it has none. */
  readonly operationName: string | null
}

// Servers and proxies take 8 KiB of request line (RFC 9110 §4.1); what is longer is sent by POST.
const MAX_QUERY_LENGTH = 7_000

export function bindWire({ path, route, operationName }: WireParts): Wire {
  const { query: document, method = 'POST' } = route
  const documentText = JSON.stringify(document)
  const hash = route.persisted ? sha256Hex(document) : ''
  const extensions = `{"persistedQuery":{"version":1,"sha256Hash":"${hash}"}}`

  function textOf(variables: string, form: Form): string {
    const members = [`"variables":${variables}`]
    if (form !== 'hash') members.push(`"query":${documentText}`)
    if (operationName !== null) members.push(`"operationName":${JSON.stringify(operationName)}`)
    if (form !== 'document') members.push(`"extensions":${extensions}`)
    return `{${members.join(',')}}`
  }

  function queryOf(variables: string, form: Form): string {
    const parameters = new URLSearchParams()
    if (form !== 'hash') parameters.set('query', document)
    if (operationName !== null) parameters.set('operationName', operationName)
    if (variables !== '{}') parameters.set('variables', variables)
    if (form !== 'document') parameters.set('extensions', extensions)
    return `?${parameters}`
  }

  return {
    make({ outgoing }, values, form) {
      const { host } = outgoing
      const headers = fieldsOf(outgoing.headers)
      const variables = JSON.stringify(values)
      const query = method === 'GET' ? queryOf(variables, form) : ''
      if (query !== '' && query.length <= MAX_QUERY_LENGTH) {
        return { method: 'GET', path, query, headers, host, body: null }
      }
      headers['content-type'] = 'application/json'
      const body = new TextEncoder().encode(textOf(variables, form)).buffer as ArrayBuffer
      return { method: 'POST', path, query: '', headers, host, body }
    },
  }
}

/** Of the client's own body, of what it takes in answer, and of what it has already. */
const ofClient =
  /^(?:accept(?:-charset|-encoding)?|content-.*|digest|expect|if-.*|range|repr-digest|te|want-.*)$/

function fieldsOf(sent: Readonly<Fields>): Fields {
  const headers = emptyFields()
  for (const name in sent) if (!ofClient.test(name)) headers[name] = sent[name] as string
  // https://graphql.github.io/graphql-over-http: the first tells statuses, the second is what older services know.
  headers.accept = 'application/graphql-response+json, application/json;q=0.9'
  headers['accept-encoding'] = 'identity'
  return headers
}
