/** What one request of a batch came to, as the answer of the batch tells it. Reads bodies within a bound and a time. */

import { refuse } from '../../errors/refusal.ts'
import { formatOf } from '../../formats/media-type.ts'
import { base64Of } from '../../http/base64.ts'
import { originOf, renderProblem } from '../../http/problem.ts'
import { readUpTo } from '../../http/read-up-to.ts'
import { framingNames } from '../../http/stripped.ts'
import { decodeUtf8, parseJsonText } from '../../http/utf8.ts'
import type { Exchange } from '../../pipeline/exchange.ts'
import type { BatchItem } from './core.ts'

interface Place {
  readonly exchange: Exchange
  readonly maxBytes: number
}

/** One entry of `responses` as JSON text: a body that is JSON goes in as it came. */
export async function entryOf(item: BatchItem, response: Response, place: Place): Promise<string> {
  const read = await readWithin(response, place.maxBytes)
  return typeof read === 'string'
    ? troubleOf(item, read, place.exchange)
    : write(item, response, read)
}

/** The problem that stands where an answer did not come, or could not be read. */
export async function troubleOf(
  item: BatchItem,
  code: Trouble,
  { target, id }: Exchange,
): Promise<string> {
  const about = { origin: originOf(target), instance: id, route: null, accept: null, method: 'GET' }
  const problem = renderProblem(refuse(code), about)
  return write(item, problem, await problem.arrayBuffer())
}

function write(item: BatchItem, response: Response, bytes: ArrayBuffer): string {
  const id = item.id === null ? '' : `"id":${JSON.stringify(item.id)},`
  const headers = JSON.stringify(fieldsOf(response.headers))
  return `{${id}"status":${response.status},"headers":${headers}${bodyOf(response, bytes)}}`
}

type Trouble = 'UPSTREAM_BODY_TOO_LARGE' | 'UPSTREAM_TIMEOUT' | 'UPSTREAM_UNREACHABLE'

async function readWithin({ body }: Response, maxBytes: number): Promise<ArrayBuffer | Trouble> {
  if (body === null) return new ArrayBuffer(0)
  try {
    return (await readUpTo(body, maxBytes)) ?? 'UPSTREAM_BODY_TOO_LARGE'
  } catch {
    // The connection broke in the middle: the other requests of the batch have nothing to do with it.
    return 'UPSTREAM_UNREACHABLE'
  }
}

/** Names in lower case; the lines of Set-Cookie are a list, since they cannot be joined (RFC 9110 §5.3). */
function fieldsOf(headers: Headers): Readonly<Record<string, string | readonly string[]>> {
  const fields: [string, string | readonly string[]][] = []
  headers.forEach((value, name) => {
    if (!unsaid.has(name)) fields.push([name, value])
  })
  const cookies = headers.getSetCookie()
  if (cookies.length > 0) fields.push(['set-cookie', cookies])
  return Object.fromEntries(fields)
}

/** Cookies are told on their own; a body that is not sent as one has no coding of its own. */
const unsaid: ReadonlySet<string> = new Set([...framingNames, 'content-encoding', 'set-cookie'])

const textual =
  /^(?:text\/|application\/(?:xml|[a-z0-9.+_-]+\+xml|x-ndjson|x-www-form-urlencoded)\s*(?:;|$))/i

/** The member that carries the body: `body` with a value or text, `base64` with anything else, none where it is empty. */
function bodyOf({ headers }: Response, bytes: ArrayBuffer): string {
  if (bytes.byteLength === 0) return ''
  const type = headers.get('content-type') ?? ''
  const isOfJson = formatOf(type).format === 'json'
  const text = isOfJson || textual.test(type) ? decodeUtf8(bytes) : null
  if (text === null) return `,"base64":"${base64Of(new Uint8Array(bytes))}"`
  if (isOfJson && parseJsonText(text) !== null) return `,"body":${text}`
  return `,"body":${JSON.stringify(text)}`
}
