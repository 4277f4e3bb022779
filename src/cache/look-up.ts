/**
 * Finds what is stored for a request: in this location, then in the world. Under the key stands the answer that came
 * first, whatever selected it; the variants hang below it by the values of the fields that its Vary names, so that
 * most hits are one look (RFC 9111 §4.1).
 */
import { discardBody } from '../http/body.ts'
import { isSelectedBy, preferredLanguage, selectingFields } from '../http/vary.ts'
import type { Ports } from '../platform/ports.ts'
import type { AnswerHead, AnswerStore, StoredAnswer } from './answer.ts'
import { joined } from './fields.ts'
import { isInvalidated } from './invalidated.ts'
import { joinParts } from './key-core.ts'
import type { CacheParts, CacheRequest } from './parts.ts'

export type Look =
  | {
      readonly kind: 'found'
      readonly stored: StoredAnswer
      /** Under what it stands. */
      readonly slot: string
      readonly tier: 'edge' | 'global'
    }
  | {
      readonly kind: 'absent'
      /** Where an answer to this request belongs. */
      readonly slot: string
      /** Others are there, and this request selects none of them. */
      readonly isVariant: boolean
      readonly fault: boolean
    }

/** Hashes a text into a key. */
export type Hash = (text: string) => string

// A service that names new fields again and again gets no deeper: the last place is written over.
export const MOST_LEVELS = 4

export async function lookUp(request: CacheRequest, parts: CacheParts, hash: Hash): Promise<Look> {
  const { outgoing } = request.exchange
  let slot = request.key
  for (let level = 1; ; level += 1) {
    const found = await lookInTiers(slot, request, parts)
    if (typeof found === 'string') {
      return { kind: 'absent', slot, isVariant: level > 1, fault: found === 'fault' }
    }
    const { stored, tier } = found
    if (isDead(stored.head, request)) {
      discardBody(stored.body)
      return { kind: 'absent', slot, isVariant: level > 1, fault: false }
    }
    if (selects(stored, outgoing.headers)) return { kind: 'found', stored, slot, tier }
    discardBody(stored.body)
    if (level === MOST_LEVELS) return { kind: 'absent', slot, isVariant: true, fault: false }
    slot = slotBelow(slot, stored.head, outgoing.headers, hash)
  }
}

/** Where the answer of a request stands that the answer under `slot` was not selected by. */
export function slotBelow(
  slot: string,
  { selecting, epoch = 0 }: AnswerHead,
  fields: Readonly<Record<string, string>>,
  hash: Hash,
): string {
  const names = selecting.map(([name]) => name)
  const values = selectingFields(names, fields)
  const told = values.flatMap(([name, value]) => [name, value === null ? '-' : `+${value}`])
  return hash(joinParts([slot, String(epoch), ...told]))
}

function selects({ head }: StoredAnswer, fields: Readonly<Record<string, string>>): boolean {
  const { selecting } = head
  if (selecting.length === 0 || isSelectedBy(selecting, fields)) return true
  // An answer in the language that is wanted most is what a choice of languages would come to (RFC 9111 §4.1).
  const rest = selecting.filter(([name]) => name !== 'accept-language')
  if (rest.length === selecting.length || !isSelectedBy(rest, fields)) return false
  const language = joined(head.fields, 'content-language')?.toLowerCase()
  return language !== undefined && language === preferredLanguage(fields['accept-language'])
}

/** Whether a purge, or an unsafe request through this isolate, has ended it. */
export function isDead(
  head: AnswerHead,
  { exchange, url }: Pick<CacheRequest, 'exchange' | 'url'>,
): boolean {
  const { target, route, ports } = exchange
  const now = ports.clock.now()
  if (isInvalidated(ports, url, head.requestedAt, now)) return true
  const view = ports.purges.current(now)
  if (view.generation <= head.generation) return false
  const { generation, tags } = head
  // A purge may name the URL with what does not count in it, or without.
  return [urlOf(target), url()].some((named) =>
    view.isPurged({ generation, tags, url: named, route: route?.name ?? '' }),
  )
}

type Target = CacheRequest['exchange']['target']

/** The URL that a client asked for, as purges name it. */
export function urlOf({ scheme, authority, path, query }: Target): string {
  return `${scheme}://${authority}${path}${query}`
}

type Found = { readonly stored: StoredAnswer; readonly tier: 'edge' | 'global' }

async function lookInTiers(
  slot: string,
  { exchange, shared }: CacheRequest,
  { tiers, storeTimeoutMs }: CacheParts,
): Promise<Found | 'absent' | 'fault'> {
  const { ports } = exchange
  let near: StoredAnswer | 'absent' | 'fault' = 'absent'
  if (tiers !== 'global') {
    near = await within(ports.answers.edge, slot, storeTimeoutMs, ports)
    if (typeof near !== 'string') return { stored: near, tier: 'edge' }
  }
  // What is one caller's own is kept in no store of the world.
  if (tiers === 'edge' || !shared) return near
  const far = await within(ports.answers.global, slot, storeTimeoutMs, ports)
  if (typeof far !== 'string') return { stored: far, tier: 'global' }
  return near === 'fault' ? near : far
}

/**
 * A store that takes longer than it may is a store at fault; what it gives later is let go. By hand, since Promise.race
 * costs 4 % of a hit.
 */
function within(
  store: AnswerStore,
  slot: string,
  timeoutMs: number,
  { timers }: Ports,
): Promise<StoredAnswer | 'absent' | 'fault'> {
  return new Promise((resolve, reject) => {
    const alarm = timers.after(timeoutMs)
    let isLate = false
    alarm.done.then(() => {
      isLate = true
      resolve('fault')
    })
    store.get(slot).then((found) => {
      alarm.cancel()
      if (!isLate) resolve(found)
      else if (typeof found !== 'string') discardBody(found.body)
    }, reject)
  })
}
