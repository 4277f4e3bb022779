/** Makes the answer for the client of what a GraphQL service said: the result, or a problem. */
import { type Refusal, refuse } from '../../errors/refusal.ts'
import { COMPLETE_FIELD } from '../../http/complete.ts'
import { targetedFields } from '../../http/targeted.ts'
import type { Answer, Exchange } from '../../pipeline/exchange.ts'
import type { Said, ShownError } from './answer-core.ts'
import { failed } from './read.ts'
import { bindResult } from './result.ts'
import type { GraphqlRouteOptions } from './schema.ts'
import { memberAt } from './slice-core.ts'
import { statusOfErrors } from './status-core.ts'

export interface Spoken {
  readonly said: Said & { readonly text: string }
  readonly response: Response
  readonly exchange: Exchange
}

export type Respond = (spoken: Spoken) => Promise<Answer>

export function bindRespond(route: GraphqlRouteOptions, exposesErrors: boolean): Respond {
  const makeResult = bindResult(route.result)
  const statuses = new Map(Object.entries(route.errors ?? {}))
  const refusesPartial = route.partial === 'refuse'
  const nullIs404 = route.nullIs404 ?? false

  function problem({ errors }: Said, { status: upstreamStatus, headers }: Response): Refusal {
    const status = statusOfErrors(errors, statuses, upstreamStatus)
    return failed({ status, headers, upstreamStatus, errors: shown(errors) })
  }

  function shown(errors: readonly ShownError[]): readonly ShownError[] {
    return exposesErrors ? errors : errors.map(({ message: _, ...rest }) => rest)
  }

  return async function respond({ said, response, exchange }) {
    const { data, errors, text } = said
    const isPartial = errors.length > 0
    if (data === null || (isPartial && refusesPartial)) return problem(said, response)
    const result = await makeResult({ text, data, exchange })
    if (result.kind === 'refused') return result
    // Where the errors took all that was asked for there is no data left to be partial.
    if (isPartial && result.isNothing) return problem(said, response)
    if (nullIs404 && result.isNothing) return refuse('GRAPHQL_NOT_FOUND')
    const headers = fieldsOf(response)
    headers.set('content-type', 'application/json')
    headers.set(COMPLETE_FIELD, String(!isPartial))
    if (isPartial) {
      // As in aggregates: a part that is missing now is there the next time.
      headers.set('cache-control', 'no-store')
      for (const name of targetedFields) headers.delete(name)
    }
    const body = isPartial ? withErrors(result.text, shown(errors)) : result.text
    return new Response(exchange.method === 'HEAD' ? null : body, { headers })
  }
}

/** By the rule of aggregates: beside the members of an object that has no `errors`, else around it (ROUTES.md §6). */
function withErrors(json: string, errors: readonly ShownError[]): string {
  const list = JSON.stringify(errors)
  if (json[0] !== '{' || memberAt(json, 0, 'errors') !== null) {
    return `{"data":${json},"errors":${list}}`
  }
  const members = json.slice(1, -1)
  return `{${members}${members.trim() === '' ? '' : ','}"errors":${list}}`
}

/** Of the service's own body and of its clients, which is the gateway alone. */
const unsent =
  /^(?:accept-ranges|allow|content-(?!language$|security-policy$).*|connection|.*digest|etag|keep-alive|last-modified|set-cookie|trailer|transfer-encoding)$/
/** What the gateway itself chose, whatever the client sent. */
const ofGateway = new Set(['accept', 'accept-encoding', 'content-type'])

function fieldsOf({ headers }: Response): Headers {
  const fields = new Headers()
  headers.forEach((value, name) => {
    if (name === 'vary') {
      const names = value.split(',').map((one) => one.trim())
      const left = names.filter((one) => !ofGateway.has(one.toLowerCase()))
      if (left.length > 0) fields.set(name, left.join(', '))
    } else if (!unsent.test(name)) fields.append(name, value)
  })
  return fields
}
