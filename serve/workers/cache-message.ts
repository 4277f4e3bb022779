/** Reads the HTTP/1.1 message that a cache put carries as its body (RFC 9112 §2.1), as far as a limit allows. */

export interface Message {
  readonly status: number
  readonly reason: string
  readonly headers: Headers
  readonly body: Uint8Array
}

const CR = 13
const LF = 10

// These describe the message on the wire, not the response (RFC 9110 §7.6.1). A streamed body says
// `Transfer-Encoding: chunked` here and is not framed in chunks.
const FRAMING = new Set(['connection', 'content-length', 'keep-alive', 'transfer-encoding'])

/** The response in the message, or null where it is none. */
export function parseMessage(bytes: Uint8Array): Message | null {
  const headEnd = endOfHead(bytes)
  if (headEnd === -1) return null
  const [statusLine = '', ...fieldLines] = latin1(bytes.subarray(0, headEnd)).split('\r\n')
  const status = /^HTTP\/1\.[01] ([2-5][0-9]{2})(?: (.*))?$/.exec(statusLine)
  if (!status) return null
  const headers = new Headers()
  for (const line of fieldLines) {
    const colon = line.indexOf(':')
    if (colon < 1) return null
    const name = line.slice(0, colon).toLowerCase()
    if (!FRAMING.has(name)) headers.append(name, line.slice(colon + 1).trim())
  }
  return {
    status: Number(status[1]),
    reason: status[2] ?? '',
    headers,
    body: bytes.slice(headEnd + 4),
  }
}

/** The message's bytes, or null where they are too many: they are read to their end all the same, and none is held. */
export async function readMessage(
  { headers, body }: { readonly headers: Headers; readonly body: ReadableStream | null },
  limitBytes: number,
): Promise<Uint8Array | null> {
  const declared = Number(headers.get('Content-Length') ?? Number.NaN)
  if (declared <= limitBytes) return new Uint8Array(await new Response(body).arrayBuffer())
  const reader = (body as ReadableStream<Uint8Array> | null)?.getReader()
  let chunks: Uint8Array[] | null = []
  let bytes = 0
  // The gateway writes to the client and to here at once: an answer before the end would break off both.
  for (;;) {
    const { done = true, value } = (await reader?.read()) ?? {}
    if (done || value === undefined) break
    bytes += value.byteLength
    if (bytes > limitBytes) chunks = null
    chunks?.push(value)
  }
  if (chunks === null) return null
  const message = new Uint8Array(bytes)
  let at = 0
  for (const chunk of chunks) {
    message.set(chunk, at)
    at += chunk.byteLength
  }
  return message
}

/** Index of the empty line's CRLF CRLF, or -1. */
function endOfHead(bytes: Uint8Array): number {
  for (let at = bytes.indexOf(CR); at !== -1; at = bytes.indexOf(CR, at + 1)) {
    if (bytes[at + 1] === LF && bytes[at + 2] === CR && bytes[at + 3] === LF) return at
  }
  return -1
}

/** Field values may hold any byte above 0x7F (RFC 9110 §5.5): one byte, one character, none lost. */
function latin1(bytes: Uint8Array): string {
  let text = ''
  for (const byte of bytes) text += String.fromCharCode(byte)
  return text
}
