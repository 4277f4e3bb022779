/** What a streamed aggregate sends: one JSON object for each part, as lines or as server-sent events. Pure. */
import type { Single } from '../part.ts'
import type { PlannedCall } from '../plan/plan.ts'
import { bodyText } from './part-text.ts'
import { type ErrorEntry, errorEntry } from './problem.ts'

export type StreamForm = 'ndjson' | 'sse'

export const contentTypes: Readonly<Record<StreamForm, string>> = {
  ndjson: 'application/x-ndjson',
  sse: 'text/event-stream',
}

/** A comment, which clients pass over: it keeps what stands between from closing a silent connection. */
export const HEARTBEAT = ':\n\n'

export interface PartPlace {
  readonly call: PlannedCall
  /** Of the item, with `forEach`. */
  readonly index: number | null
  /** The call's default as JSON. */
  readonly fallback: string
  /** Of the problem pages. */
  readonly origin: string
}

/** The JSON of one part. */
export function partJson(single: Single, { call, index, fallback, origin }: PartPlace): string {
  const body = inOneLine(bodyText(single, fallback))
  if (single.kind === 'failed') {
    const members = JSON.stringify(errorEntry(call.name, index, single, origin))
    return `${members.slice(0, -1)},"body":${body}}`
  }
  const status = single.kind === 'answered' ? single.status : null
  const item = index === null ? '' : `,"index":${index}`
  return `{"call":"${call.name}"${item},"status":${status},"body":${body}}`
}

/** The last line: whether all parts came, and what became of those that did not. */
export function endJson(errors: readonly ErrorEntry[], isComplete: boolean): string {
  return `{"complete":${isComplete},"errors":${JSON.stringify(errors)}}`
}

/** JSON has line breaks between tokens only, where they mean nothing (RFC 8259 §2). */
function inOneLine(json: string): string {
  return /[\r\n]/.test(json) ? json.replace(/[\r\n]+/g, '') : json
}

/** `problem` and not `error`: a browser's EventSource gives that name to connections that broke. */
export type EventName = 'part' | 'problem' | 'end'

export function frame(form: StreamForm, event: EventName, json: string): string {
  return form === 'ndjson' ? `${json}\n` : `event: ${event}\ndata: ${json}\n\n`
}
