/**
 * Ends a key with the answer of its request. The client has its answer, or the end of it, only once the store has
 * it: a request that follows is never told that the one before is still running.
 */
import { type Refusal, refuse } from '../../errors/refusal.ts'
import { join, readOrReplay } from '../../http/read-up-to.ts'
import type { Ending, KeptAnswer } from '../../idempotency/messages.ts'
import type { Ports } from '../../platform/ports.ts'
import { keptFields, sizeUp } from './core.ts'

export interface Keeping {
  readonly ports: Ports
  readonly maxBodyBytes: number
  end(ending: Ending): Promise<void>
}

interface Pipe {
  readonly readable: ReadableStream<Uint8Array>
  readonly writable: WritableStream<Uint8Array>
}
/** What the runtime has and Node, where unit tests run, has not. */
const runtime = globalThis as unknown as { readonly IdentityTransformStream: new () => Pipe }

/** The answer for the client whose request ran. */
export async function keepAnswer(
  response: Response,
  keeping: Keeping,
): Promise<Response | Refusal> {
  const { body, status, headers } = response
  if (body === null) {
    await keeping.end(answered(response, null))
    return response
  }
  switch (sizeUp(headers, keeping.maxBodyBytes)) {
    case 'stream':
      await keeping.end({ kind: 'not-kept', status })
      return response
    case 'unsized':
      return keepWhileItStreams(response, body, keeping)
    case 'kept':
      return keepWhole(response, body, keeping)
  }
}

/** An answer that was kept, as it is given again. */
export function answerAgain({ status, fields, body }: KeptAnswer): Response {
  const headers = new Headers()
  for (const [name, value] of fields) headers.append(name, value)
  headers.set('idempotency-replayed', 'true')
  return new Response(body, { status, headers })
}

function answered({ status, headers }: Response, body: ArrayBuffer | null): Ending {
  const answer = { status, fields: keptFields(headers as Iterable<[string, string]>), body }
  return { kind: 'answered', answer }
}

async function keepWhole(
  response: Response,
  body: ReadableStream,
  { maxBodyBytes, end }: Keeping,
): Promise<Response | Refusal> {
  let read: Awaited<ReturnType<typeof readOrReplay>>
  try {
    read = await readOrReplay(body, maxBodyBytes)
  } catch {
    await end({ kind: 'unknown' })
    const detail = 'The service broke its answer off.'
    return refuse('UPSTREAM_UNREACHABLE', { detail, failure: 'reset' })
  }
  if (read.kind === 'longer') {
    // It was compressed: its length said less.
    await end({ kind: 'not-kept', status: response.status })
    return new Response(read.stream, unframed(response))
  }
  await end(answered(response, read.bytes))
  return new Response(read.bytes, unframed(response))
}

/** Status and fields; the runtime counts the body itself, and encodes it anew where it decoded it. */
function unframed({ status, statusText, headers }: Response): ResponseInit {
  const own = new Headers(headers)
  own.delete('content-length')
  return { status, statusText, headers: own }
}

/** Bytes go out as they come; the last word waits until the store has all of them. */
function keepWhileItStreams(
  response: Response,
  body: ReadableStream<Uint8Array>,
  keeping: Keeping,
): Response {
  const { readable, writable } = new runtime.IdentityTransformStream()
  keeping.ports.defer(pump(response, body.getReader(), writable.getWriter(), keeping))
  return new Response(readable, response)
}

async function pump(
  response: Response,
  reader: ReadableStreamDefaultReader<Uint8Array>,
  client: WritableStreamDefaultWriter<Uint8Array>,
  { maxBodyBytes, end }: Keeping,
): Promise<void> {
  const { status } = response
  let chunks: Uint8Array[] | null = []
  let size = 0
  let isListening = true
  client.closed.catch(() => {})
  try {
    for (;;) {
      const { done, value } = await reader.read()
      if (done) break
      size += value.byteLength
      if (size > maxBodyBytes && chunks !== null) {
        chunks = null
        await end({ kind: 'not-kept', status })
      }
      chunks?.push(value.slice())
      if (isListening) {
        isListening = await client.write(value).then(
          () => true,
          () => false,
        )
      }
      // A client that left comes back for the answer, if it is one that is kept.
      if (!isListening && chunks === null) return await reader.cancel()
    }
    if (chunks !== null) await end(answered(response, join(chunks, size)))
    if (isListening) await client.close()
  } catch (error) {
    if (chunks !== null) await end({ kind: 'unknown' })
    await client.abort(error).catch(() => {})
  }
}
