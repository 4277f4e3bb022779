/** Reads of an answer what is compared. A body goes on to its client while a copy of it is read, up to a limit. */
import { readLength } from '../../http/body.ts'
import { readUpTo } from '../../http/read-up-to.ts'
import type { CompareRules, Seen } from './compare-core.ts'

export interface Watched {
  /** In the place of the answer: its body may have been divided. */
  readonly response: Response
  readonly status: number
  readonly headers: Headers
  /** The text of a JSON body; null where it is not read. Never rejects. */
  readonly text: Promise<string | null>
}

/** Divides the body where it is to be compared. */
export function watch(answer: Response, json: boolean, limitBytes: number): Watched {
  const { status, headers, body } = answer
  if (!json || body === null || !isReadable(headers, limitBytes)) {
    return { response: answer, status, headers, text: Promise.resolve(null) }
  }
  const [onward, copy] = body.tee()
  return {
    response: new Response(onward, answer),
    status,
    headers,
    text: readText(copy, limitBytes),
  }
}

/** Reads the answer of a copy, and what is not wanted of it no further than the limit. */
export async function readCopy(
  answer: Response,
  json: boolean,
  limitBytes: number,
): Promise<Omit<Watched, 'response'>> {
  const { status, headers, body } = answer
  const text = body === null ? null : await readText(body, limitBytes)
  const isKept = json && isReadable(headers, limitBytes)
  return { status, headers, text: Promise.resolve(isKept ? text : null) }
}

function isReadable(headers: Headers, limitBytes: number): boolean {
  const type = headers.get('content-type') ?? ''
  const length = readLength(headers.get('content-length') ?? undefined)
  return /^[^;]*[/+]json\s*(?:;|$)/i.test(type) && (length === null || length <= limitBytes)
}

async function readText(body: ReadableStream, limitBytes: number): Promise<string | null> {
  try {
    const bytes = await readUpTo(body, limitBytes)
    return bytes === null ? null : new TextDecoder().decode(bytes)
  } catch {
    return null
  }
}

/** What the rules ask of it. */
export async function seenOf(
  { status, headers, text }: Omit<Watched, 'response'>,
  rules: CompareRules,
): Promise<Seen> {
  return {
    status,
    headers: rules.headers.map((name) => headers.get(name)),
    json: rules.json ? parse(await text) : 'unread',
  }
}

function parse(text: string | null): Seen['json'] {
  if (text === null) return 'unread'
  try {
    return { value: JSON.parse(text) as unknown }
  } catch {
    return 'unread'
  }
}
