/** `GET /_gateway/keys?consumer=&cursor=&limit=`: which keys there are, oldest first. */
import { refuse } from '../errors/refusal.ts'
import { listKeys } from '../identity/keys/store.ts'
import type { AdminHandler } from './call.ts'
import { summaryViewOf } from './keys-view.ts'

const DEFAULT_LIMIT = 100
const MAX_LIMIT = 1_000 // what KV lists at once

export const list: AdminHandler = async function list({ target, ports }) {
  const query = new URLSearchParams(target.query)
  const limit = Number(query.get('limit') ?? DEFAULT_LIMIT)
  if (!Number.isInteger(limit) || limit < 1 || limit > MAX_LIMIT) {
    return refuse('API_KEY_REQUEST_INVALID', {
      detail: `The parameter "limit" is an integer from 1 to ${MAX_LIMIT}.`,
    })
  }
  const choice = { consumer: query.get('consumer'), cursor: query.get('cursor'), limit }
  const { records, cursor } = await listKeys(choice, ports)
  const now = ports.clock.now()
  return Response.json({ keys: records.map((record) => summaryViewOf(record, now)), cursor })
}
