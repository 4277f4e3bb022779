/**
 * Copies a share of the requests to other upstreams once the headers of the answer are there. Nobody waits for a
 * copy, what becomes of it changes no answer, and a copy is neither copied again nor answered by a fallback.
 */
import type { Answer } from '../../pipeline/exchange.ts'
import type { Call, CallOrigin, Send } from '../call.ts'
import type { BindStep, CallScope } from '../order.ts'
import { bindPartLink, type PartLink } from '../state/bind-link.ts'
import { type HeldBody, holdBody } from './body.ts'
import { MIRROR_FIELD, type Mirror, sendCopy } from './copy.ts'
import { countCopy } from './part.ts'
import { mirrorsOf } from './rules.ts'
import type { MirrorEntry } from './schema.ts'
import { type Watched, watch } from './seen.ts'

const DEFAULT_BODY_LIMIT_BYTES = 65_536 // As retries: a page of text, a form, most JSON.

export const bindMirror: BindStep = (scope) => {
  const mirrors = mirrorsOf(scope.options.mirror).map(bindEntry)
  const link = bindPartLink(scope, 'mirror')
  if (mirrors.length === 0 || link === null) return null
  return (next) =>
    function mirror(call) {
      const { origin, exchange, headers } = call
      if (origin === undefined || headers.upgrade !== undefined) return next(call)
      if (exchange.received[MIRROR_FIELD] !== undefined) return next(call)
      const { randomness } = exchange.ports
      const chosen = mirrors.filter(({ percent }) => 100 * randomness.fraction() < percent)
      return chosen.length === 0 ? next(call) : run({ call, origin, chosen, scope, link, next })
    }
}

function bindEntry({ upstream, percent, bodyLimitBytes, compare }: MirrorEntry): Mirror {
  return {
    upstream,
    percent,
    limitBytes: bodyLimitBytes ?? DEFAULT_BODY_LIMIT_BYTES,
    compare:
      compare === undefined
        ? null
        : {
            headers: (compare.headers ?? []).map((name) => name.toLowerCase()),
            json: compare.json ?? false,
            ignore: (compare.ignore ?? []).map(tokensOf),
            sample: compare.sample ?? 1,
          },
  }
}

function tokensOf(pointer: string): readonly string[] {
  return pointer
    .split('/')
    .slice(1)
    .map((token) => token.replaceAll('~1', '/').replaceAll('~0', '~'))
}

interface Run {
  readonly call: Call
  readonly origin: CallOrigin
  readonly chosen: readonly Mirror[]
  readonly scope: CallScope
  readonly link: PartLink
  readonly next: Send
}

async function run(given: Run): Promise<Answer> {
  const { call, chosen, next } = given
  const { ports } = call.exchange
  const held = holdBody(call, Math.max(...chosen.map(({ limitBytes }) => limitBytes)))
  const answer = await next(call)
  // Where the service did not answer nothing is copied: what brought it down may bring the other down.
  if (!(answer instanceof Response)) return answer
  const compared = chosen.filter(
    ({ compare }) => compare !== null && ports.randomness.fraction() < compare.sample,
  )
  const json = compared.filter(({ compare }) => compare?.json)
  const limitBytes = Math.max(0, ...json.map((mirror) => mirror.limitBytes))
  const watched = watch(answer, json.length > 0, limitBytes)
  // The headers of the answer are there, and it leaves now (decision 1).
  ports.defer(copyAll(given, held, { watched, compared }))
  return watched.response
}

async function copyAll(
  { call, origin, chosen, scope, link }: Run,
  held: HeldBody | Promise<HeldBody>,
  { watched, compared }: { readonly watched: Watched; readonly compared: readonly Mirror[] },
): Promise<void> {
  const body = await held
  const { ports } = call.exchange
  const told = link.of(call)
  await Promise.all(
    chosen.map(async (mirror) => {
      const local = told.locals.mirror
      if (typeof body === 'string') {
        const counts = body === 'longer' ? { tooLarge: 1 } : { failed: 1 }
        return countCopy(local, mirror.upstream, counts)
      }
      if (body !== null && body.byteLength > mirror.limitBytes) {
        return countCopy(local, mirror.upstream, { tooLarge: 1 })
      }
      const first = compared.includes(mirror) ? watched : null
      const { counts, differences } = await sendCopy({ call, origin, body, first }, mirror, scope)
      countCopy(local, mirror.upstream, counts, differences.length === 0 ? [] : [differences])
    }),
  )
  told.refresh(ports, link.spec)
}
