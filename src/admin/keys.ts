/**
 * `/_gateway/keys`: makes, lists, rotates and revokes API keys. A key is shown in the answer that makes it and
 * never again; all else goes by its id.
 */

import { type Refusal, refuse } from '../errors/refusal.ts'
import { StoreFault } from '../errors/store-fault.ts'
import { revocationBoundSeconds } from '../identity/keys/lifetimes.ts'
import { isKeyId, type MadeKey, makeKey } from '../identity/keys/make.ts'
import { stateOf } from '../identity/keys/record.ts'
import { addKey, changeKey, type FoundKey, findKey, removeKey } from '../identity/keys/store.ts'
import type { Answer } from '../pipeline/exchange.ts'
import type { AdminCall, AdminHandler, AdminParts } from './call.ts'
import { endOf, readCreate, readRotate } from './keys-body.ts'
import { list } from './keys-list.ts'
import { detailsOf, summaryViewOf } from './keys-view.ts'

const DEFAULT_GRACE_SECONDS = 86_400

export interface KeyHandlers {
  readonly create: AdminHandler
  readonly list: AdminHandler
  readonly read: AdminHandler
  readonly rotate: AdminHandler
  readonly revoke: AdminHandler
}

export function bindKeys(parts: AdminParts): KeyHandlers {
  const inForceWithinSeconds = revocationBoundSeconds(parts.host)
  return {
    create: orUnavailable(createKey),
    list: orUnavailable(list),
    read: orUnavailable(
      withKey((call, { record }) => Response.json(detailsOf(record, call.ports.clock.now()))),
    ),
    rotate: orUnavailable(withKey(rotateKey)),
    revoke: orUnavailable(
      withKey(async (call, found) => {
        const now = call.ports.clock.now()
        // Written again even where it is revoked already: an old copy of KV may have come over it.
        const revokedAt = found.record.revokedAt ?? now
        const record = await changeKey(found, { revokedAt }, call.ports)
        return Response.json({ ...summaryViewOf(record, now), inForceWithinSeconds })
      }),
    ),
  }
}

async function createKey(call: AdminCall): Promise<Answer> {
  const read = await readCreate(call)
  if (read.kind === 'refused') return read
  const { body } = read
  const { ports } = call
  const now = ports.clock.now()
  const end = endOf(body, { now, silent: null })
  if (end.kind === 'refused') return end
  const grant = {
    consumer: body.consumer,
    plan: body.plan ?? null,
    scopes: body.scopes ?? [],
    roles: body.roles ?? [],
    permissions: body.permissions ?? [],
    metadata: body.metadata ?? {},
    routes: body.routes ?? null,
    expiresAt: end.at,
    description: body.description ?? null,
  }
  const made = await makeKey(body.env ?? 'live', grant, { randomness: ports.randomness, now })
  await addKey(made, ports)
  return show(made, now)
}

/** The new key has the rights and the length of life of the old one, which is taken beside it for a while. */
async function rotateKey(call: AdminCall, found: FoundKey): Promise<Answer> {
  const read = await readRotate(call)
  if (read.kind === 'refused') return read
  const { ports } = call
  const now = ports.clock.now()
  const { record: old } = found
  const state = stateOf(old, now)
  if (state !== 'active') {
    return refuse('API_KEY_ENDED', { members: { state, replacedBy: old.replacedBy } })
  }
  const silent = old.expiresAt === null ? null : now + (old.expiresAt - old.createdAt)
  const end = endOf(read.body, { now, silent })
  if (end.kind === 'refused') return end
  const { graceSeconds = DEFAULT_GRACE_SECONDS } = read.body
  const env = old.prefix.split('_')[1] ?? 'live'
  const grant = { ...old, expiresAt: end.at }
  const made = await makeKey(env, grant, { randomness: ports.randomness, now })
  await addKey(made, ports)
  const change = { replacedBy: made.record.id, graceUntil: now + graceSeconds * 1_000 }
  try {
    const replaced = await changeKey(found, change, ports)
    return show(made, now, { replaced: summaryViewOf(replaced, now) })
  } catch (fault) {
    // The old key goes on as it was, so the new one, which nobody saw, must not.
    await removeKey(made, ports).catch(() => {})
    throw fault
  }
}

function show({ key, record }: MadeKey, now: number, more: object = {}): Response {
  return Response.json(
    { key, ...detailsOf(record, now), ...more },
    { status: 201, headers: { Location: `/_gateway/keys/${record.id}` } },
  )
}

function withKey(
  answer: (call: AdminCall, found: FoundKey) => Answer | Promise<Answer>,
): AdminHandler {
  return async function ofKey(call, { id = '' }) {
    const found = isKeyId(id) ? await findKey(id, call.ports) : null
    return found === null ? refuse('API_KEY_UNKNOWN') : answer(call, found)
  }
}

function orUnavailable(handler: AdminHandler): AdminHandler {
  return async function withStore(call, params) {
    try {
      return await handler(call, params)
    } catch (fault) {
      if (fault instanceof StoreFault) return unavailable()
      throw fault
    }
  }
}

function unavailable(): Refusal {
  return refuse('STORE_UNAVAILABLE', {
    detail:
      'KV cannot read or write keys now. If a key was to be made, it was not shown: make it again.',
    headers: { 'Retry-After': '1' },
  })
}
