/**
 * A stream of messages as NDJSON: a line each, as they arrive; nothing is kept but the message that is coming. A failure
 * before the first message is still a problem with its status, later it is the last line.
 */
import type { Refusal } from '../../errors/refusal.ts'
import { makeBase64Reader } from '../../rpc/base64-core.ts'
import { type FrameReader, makeFrameReader } from '../../rpc/frames-core.ts'
import type { Wire } from './dialect.ts'
import { broken, brokenLine, lineOf, refusalOf, type Telling } from './failure.ts'
import type { Print } from './print.ts'
import { earlyFailure, isOfWire, isText, type ReadBounds, readForeign } from './read.ts'
import { endOf, type Read } from './read-core.ts'

export interface StreamReading {
  readonly wire: Wire
  /** `maxBytes` of a message; `ms` of a body that is no stream. */
  readonly bounds: ReadBounds
  readonly print: Print
  readonly telling: Telling
}

/** What a step of the stream gives. */
type Step =
  | { readonly kind: 'lines'; readonly text: string }
  | {
      readonly kind: 'ended'
      readonly read: Exclude<Read, { kind: 'message' }> | null
      readonly text: string
    }

// A service that fails at once says so together with its header fields; a stream may stay silent for hours.
const FIRST_WAIT_MS = 250

/** The lines, or why there are none. */
export async function openLines(
  response: Response,
  reading: StreamReading,
): Promise<ReadableStream<Uint8Array> | Refusal> {
  const { wire, telling, bounds } = reading
  const retryAfter = response.headers.get('retry-after')
  const early = wire.protocol === 'grpc-web' ? earlyFailure(response) : null
  if (early !== null) {
    await response.body?.cancel()
    return refusalOf(early.failure, telling, retryAfter)
  }
  if (!isOfWire(response, wire) || response.body === null) {
    const read = await readForeign(response, bounds)
    if (read.kind === 'refused') return read
    return read.kind === 'failed'
      ? refusalOf(read.failure, telling, retryAfter)
      : broken('content-type')
  }
  const steps = makeSteps(response.body, isText(response), reading)
  const first = steps.next()
  const alarm = bounds.timers.after(FIRST_WAIT_MS)
  const known = await Promise.race([first, alarm.done.then(() => null)])
  alarm.cancel()
  if (known?.kind === 'ended' && known.text === '' && known.read !== null) {
    return known.read.kind === 'failed'
      ? refusalOf(known.read.failure, telling, retryAfter)
      : broken(known.read.reason)
  }
  return writeLines(first, steps, telling)
}

interface Steps {
  next(): Promise<Step>
  cancel(reason: unknown): Promise<void>
}

function writeLines(
  first: Promise<Step>,
  steps: Steps,
  telling: Telling,
): ReadableStream<Uint8Array> {
  const encoder = new TextEncoder()
  let waiting: Promise<Step> | null = first
  return new ReadableStream<Uint8Array>({
    async pull(controller) {
      const step = await (waiting ?? steps.next())
      waiting = null
      const end = step.kind === 'ended' ? lastLine(step.read, telling) : ''
      if (step.text + end !== '') controller.enqueue(encoder.encode(step.text + end))
      if (step.kind === 'ended') controller.close()
    },
    cancel: (reason) => steps.cancel(reason),
  })
}

function lastLine(read: Exclude<Read, { kind: 'message' }> | null, telling: Telling): string {
  if (read === null) return ''
  const error = read.kind === 'failed' ? lineOf(read.failure, telling) : brokenLine()
  return `${JSON.stringify({ error })}\n`
}

/** Each step has at least one line, or is the last. */
function makeSteps(body: ReadableStream, isBase64: boolean, reading: StreamReading): Steps {
  const source = body.getReader() as ReadableStreamDefaultReader<Uint8Array>
  const base64 = isBase64 ? makeBase64Reader() : null
  const frames = makeFrameReader(reading.wire.protocol, reading.bounds.maxBytes)
  async function ended(step: Step): Promise<Step> {
    await source.cancel().catch(() => {})
    return step
  }
  return {
    async next() {
      // Each turn reads on; there is no end to a stream but its own.
      for (;;) {
        let read: ReadableStreamReadResult<Uint8Array>
        try {
          read = await source.read()
        } catch {
          return over('connection-lost')
        }
        if (read.done) return over('frame-cut-off')
        const chunk = base64 === null ? read.value : base64.push(read.value)
        if (chunk === null) return ended(over('base64'))
        const step = take(chunk, frames, reading)
        if (step.kind === 'ended') return ended(step)
        if (step.text !== '') return step
      }
    },
    cancel: (reason) => source.cancel(reason),
  }
}

function over(reason: string, text = ''): Step {
  return { kind: 'ended', read: { kind: 'invalid', reason }, text }
}

function take(chunk: Uint8Array, frames: FrameReader, { wire, print }: StreamReading): Step {
  const { frames: pushed, problem } = frames.push(chunk)
  let text = ''
  for (const frame of pushed) {
    if (frame.isLast) return { kind: 'ended', read: endOf(frame, wire.protocol), text }
    const line = print(frame.bytes)
    if (line === null) return over('message-unreadable', text)
    text += `${line}\n`
  }
  return problem === null ? { kind: 'lines', text } : over(problem, text)
}
