/** Which header fields of its parts an aggregate passes on, as one: Cache-Control, Vary, and cookies of listed calls. */
import type { Fields } from '../../../http/headers.ts'
import type { Exchange } from '../../../pipeline/exchange.ts'
import { isKnownLate } from '../../../template/vocabulary.ts'
import { listedFields, tellingFields } from '../calls/forward.ts'
import type { Part, Single } from '../part.ts'
import type { AggregatePlan, PlannedCall } from '../plan/plan.ts'
import type { AggregateOptions } from '../schema.ts'
import { mergeCacheControl, mergeVary, type Source } from './merged-fields.ts'

export interface Merge {
  /** Cache-Control and Vary of an answer that has all of its parts. */
  write(fields: Fields, exchange: Exchange, parts: readonly Part[]): void
  /** The lines of Set-Cookie of the calls in `setCookies`, in the order of the table. */
  cookies(parts: readonly (Part | undefined)[]): readonly string[]
}

const none: readonly string[] = []

/** `tells` says whether each call of an upstream names the caller. */
export function bindMerge(
  { setCookies = [] }: AggregateOptions,
  plan: AggregatePlan,
  tells: (upstream: string) => boolean,
): Merge {
  const { calls } = plan
  const own = fieldsRead(plan)
  const readsCaller = plan.attributes.some(({ name }) => isKnownLate(name))
  const readsAddress = plan.attributes.some(({ name }) => name === 'client.ip')
  const places = calls.map((call) => placeOf(call, tells(call.spec.upstream)))
  const listed = calls.filter(({ name }) => setCookies.includes(name)).map(({ index }) => index)
  return {
    write(fields, exchange, parts) {
      const hasCredentials = exchange.received.authorization !== undefined
      const isKnown = exchange.identity !== null
      const sources: Source[] = []
      for (let at = 0; at < parts.length; at += 1) {
        const { madeOf, takesCredentials, tellsCaller } = places[at] as Place
        const isAuthorized = (takesCredentials && hasCredentials) || (tellsCaller && isKnown)
        for (const single of singlesOf(parts[at] as Part)) {
          if (single.kind !== 'answered') continue
          const { headers } = single
          sources.push({ headers, madeOf, isAuthorized })
        }
      }
      const isOfCaller = readsAddress || (readsCaller && isKnown)
      const cacheControl = mergeCacheControl(sources, { isOfCaller })
      if (cacheControl !== null) fields['cache-control'] = cacheControl
      const vary = mergeVary(sources, own)
      if (vary !== null) fields.vary = vary
    },
    cookies(parts) {
      if (listed.length === 0) return none
      return listed.flatMap((at) => {
        const part = parts[at]
        return part === undefined ? [] : singlesOf(part).flatMap(cookiesOf)
      })
    },
  }
}

function singlesOf(part: Part): readonly Single[] {
  return part.kind === 'list' ? part.parts : [part]
}

function cookiesOf(single: Single): readonly string[] {
  return single.kind === 'answered' ? single.cookies : none
}

interface Place extends Pick<Source, 'madeOf'> {
  /** The client's Authorization goes on. */
  readonly takesCredentials: boolean
  /** The service hears who a known caller is; any listed field may say it. */
  readonly tellsCaller: boolean
}

/** Which fields of the client a service that varies by a field of its request varies by. */
function placeOf({ spec }: PlannedCall, isTold: boolean): Place {
  // What the table writes is made of what its templates read, and that is in Vary whatever the service says.
  const written = new Set(Object.keys(spec.headers ?? {}).map((name) => name.toLowerCase()))
  const forwarded = new Set(listedFields(spec))
  return {
    madeOf: (name) => (forwarded.has(name) && !written.has(name) ? [name] : none),
    takesCredentials: forwarded.has('authorization'),
    tellsCaller: isTold || tellingFields(spec).length > 0,
  }
}

/** The fields of the client that templates, expressions and conditions of the aggregate read: the answer differs by them. */
function fieldsRead({ attributes, calls }: AggregatePlan): readonly string[] {
  const names = new Set<string>()
  for (const { name } of attributes) {
    if (name.startsWith('header.')) names.add(name.slice('header.'.length).toLowerCase())
    else if (name.startsWith('cookie.')) names.add('cookie')
  }
  for (const { spec } of calls) {
    if (typeof spec.when !== 'object') continue
    for (const name of Object.keys(spec.when.headers ?? {})) names.add(name.toLowerCase())
  }
  return [...names].sort()
}
