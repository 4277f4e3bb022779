/** `status-map`: gives answers another status. Body and fields pass as they came. */

import { catalogue } from '../../errors/catalogue.ts'
import type { Refusal } from '../../errors/refusal.ts'
import { isBodiless } from '../../http/bodiless.ts'
import { discardBody } from '../../http/body.ts'
import type { Answer, Exchange } from '../../pipeline/exchange.ts'
import type { BindContext, PolicyDefinition, Wrap } from '../../pipeline/policy.ts'
import { mapStatus, readStatusMap } from './core.ts'
import type { StatusMapOptions } from './schema.ts'

export const definition: PolicyDefinition<StatusMapOptions> = {
  use: 'status-map',
  stage: 'shape',
  arity: 'many',
  summary: 'Gives answers of the service other statuses.',
  bind: bindStatusMap,
}

function bindStatusMap(options: StatusMapOptions, { name }: BindContext): Wrap {
  const map = readStatusMap(options.map)
  const mapsProblems = options.problems ?? false

  /** What it has now and what it gets; null where it keeps its status. */
  function judge(answer: Answer): { readonly from: number; readonly to: number } | null {
    if (!(answer instanceof Response) && !(mapsProblems && isAboutService(answer))) return null
    const from =
      answer instanceof Response ? answer.status : (answer.status ?? catalogue[answer.code].status)
    const to = mapStatus(from, map)
    return to === null ? null : { from, to }
  }

  function change(exchange: Exchange, answer: Answer): Answer {
    const judged = judge(answer)
    exchange.event.policies[name] = judged === null ? 'passed' : `mapped:${judged.from}`
    if (judged === null) return answer
    return answer instanceof Response
      ? withStatus(answer, judged.to)
      : { ...answer, status: judged.to }
  }

  function watch(exchange: Exchange, answer: Answer): Answer {
    exchange.event.policies[name] = judge(answer) === null ? 'would-pass' : 'would-change'
    return answer
  }

  return {
    kind: 'wrap',
    around: function statusMap(exchange, next) {
      const answer = next(exchange)
      return answer instanceof Promise
        ? answer.then((late) => change(exchange, late))
        : change(exchange, answer)
    },
    shadow: function watchStatusMap(exchange, next) {
      const answer = next(exchange)
      return answer instanceof Promise
        ? answer.then((late) => watch(exchange, late))
        : watch(exchange, answer)
    },
  }
}

/** A refusal of the caller is no failure of the service, whatever status it has. */
function isAboutService(refusal: Refusal): boolean {
  return catalogue[refusal.code].fault === 'upstream'
}

function withStatus(response: Response, status: number): Response {
  const { headers } = response
  if (!isBodiless(status)) return new Response(response.body, { status, headers })
  // Nobody reads it, and an unread body holds its connection.
  discardBody(response.body)
  const bare = new Headers(headers)
  for (const name of [...bare.keys()]) if (name.startsWith('content-')) bare.delete(name)
  return new Response(null, { status, headers: bare })
}
