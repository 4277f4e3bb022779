/**
 * One question to a source of targets: bounded in time and size, and no redirect is followed, since where it leads
 * was not written by the operator. Failures are reasons in kebab-case, without addresses.
 */
import { parseJson } from '../../../http/utf8.ts'
import type { SecretRef } from '../../../schema/atoms.ts'
import type { WakeIo } from '../../state/part.ts'

export interface Question {
  readonly url: string
  readonly method?: 'GET' | 'POST'
  readonly headers?: Readonly<Record<string, string>>
  readonly body?: string
  readonly timeoutMs: number
}

export type Told<Value> =
  | { readonly kind: 'told'; readonly value: Value; readonly headers: Headers }
  | { readonly kind: 'failed'; readonly reason: string }
  | { readonly kind: 'unchanged' }

/** A list takes a few milliseconds; a source that takes longer than this is as good as gone. */
export const LIST_TIMEOUT_MS = 3_000
// A thousand targets with all that Kubernetes says of them have less.
const MAX_BYTES = 4_194_304

/** The bytes of a 200; 304 is `unchanged`. */
export async function ask(question: Question, io: WakeIo): Promise<Told<Uint8Array>> {
  return within(question, io, async (response) => {
    const bytes = await readBounded(response)
    return bytes === null
      ? { kind: 'failed', reason: 'source-too-long' }
      : { kind: 'told', value: bytes, headers: response.headers }
  })
}

/** The JSON of a 200. */
export async function askJson(question: Question, io: WakeIo): Promise<Told<unknown>> {
  const told = await ask(question, io)
  if (told.kind !== 'told') return told
  const parsed = parseJson(told.value)
  return parsed === null ? unreadable : { ...told, value: parsed.value }
}

export const unreadable = Object.freeze({ kind: 'failed', reason: 'source-unreadable' } as const)

/** What a watch came to: something happened, nothing did in time, or it cannot be watched from here. */
export type Watched = 'changed' | 'quiet' | 'failed'

/** Reads lines of JSON as they come, until one of them says something. */
export async function watchLines(
  question: Question,
  io: WakeIo,
  judge: (line: unknown) => Watched | null,
): Promise<Watched> {
  const controller = new AbortController()
  const alarm = io.timers.after(question.timeoutMs)
  let isOver = false
  void alarm.done.then(() => {
    isOver = true
    controller.abort()
  })
  try {
    const response = await send(question, io, controller.signal)
    if (response.status !== 200 || response.body === null) {
      await response.body?.cancel()
      return 'failed'
    }
    return await readLines(response.body, judge)
  } catch {
    return isOver ? 'quiet' : 'failed'
  } finally {
    alarm.cancel()
    controller.abort()
  }
}

async function readLines(
  body: ReadableStream,
  judge: (line: unknown) => Watched | null,
): Promise<Watched> {
  const decoder = new TextDecoder()
  let rest = ''
  for await (const chunk of body as unknown as AsyncIterable<Uint8Array>) {
    const lines = (rest + decoder.decode(chunk, { stream: true })).split('\n')
    rest = lines.pop() ?? ''
    if (rest.length > MAX_BYTES) return 'failed'
    for (const line of lines) {
      const verdict = line.trim() === '' ? null : judge(JSON.parse(line))
      if (verdict !== null) return verdict
    }
  }
  // The source ended the watch by itself, as Kubernetes does after the time that it was given.
  return 'quiet'
}

async function within<Value>(
  question: Question,
  io: WakeIo,
  read: (response: Response) => Promise<Told<Value>>,
): Promise<Told<Value>> {
  const controller = new AbortController()
  const alarm = io.timers.after(question.timeoutMs)
  let isLate = false
  void alarm.done.then(() => {
    isLate = true
    controller.abort()
  })
  try {
    const response = await send(question, io, controller.signal)
    if (response.status === 200) return await read(response)
    await response.body?.cancel()
    if (response.status === 304) return { kind: 'unchanged' }
    return { kind: 'failed', reason: `source-status-${response.status}` }
  } catch {
    return { kind: 'failed', reason: isLate ? 'source-timeout' : 'source-unreachable' }
  } finally {
    alarm.cancel()
  }
}

function send(
  { url, method = 'GET', headers = {}, body }: Question,
  { network }: WakeIo,
  signal: AbortSignal,
): Promise<Response> {
  return network.send({
    url,
    method,
    headers: { accept: 'application/json', 'user-agent': 'isogate-discovery', ...headers },
    body: body === undefined ? null : (new TextEncoder().encode(body).buffer as ArrayBuffer),
    signal,
  })
}

async function readBounded({ body }: Response): Promise<Uint8Array | null> {
  if (body === null) return new Uint8Array()
  const chunks: Uint8Array[] = []
  let size = 0
  for await (const chunk of body as unknown as AsyncIterable<Uint8Array>) {
    size += chunk.byteLength
    // Leaving the loop calls the rest off.
    if (size > MAX_BYTES) return null
    chunks.push(chunk)
  }
  const bytes = new Uint8Array(size)
  let at = 0
  for (const chunk of chunks) {
    bytes.set(chunk, at)
    at += chunk.byteLength
  }
  return bytes
}

/** The header field that shows a token; none where there is none, or where this Worker lacks the secret. */
export function showToken(
  name: string,
  token: SecretRef | null,
  { io, prefix = '' }: { readonly io: WakeIo; readonly prefix?: string },
): Readonly<Record<string, string>> {
  const text = token === null ? undefined : io.environment.secret(token.secret)?.trim()
  if (token === null || text === undefined) return {}
  return { [name]: `${token.prefix ?? prefix}${text}` }
}
