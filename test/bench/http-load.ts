/**
 * A fixed number of requests over connections that stay open, as fast as the answers come. Slices are shorter
 * than a second, which wrk's are not: only so two contestants can take turns faster than the machine's mood.
 */
import { connect, type Socket } from 'node:net'

/** Name → value of the header fields of a request. */
export type RequestFields = Readonly<Record<string, string>>

export interface LoadOptions {
  readonly port: number
  readonly connections: number
  readonly path: string
  /** The requests in turn, over and over: one for most cases, many where each is to be new. */
  readonly requests: readonly RequestFields[]
  /** What each answer is to be. */
  readonly status: number
}

/** Whatever has another status is counted, and makes the run worthless: a refusal is cheaper than an answer. */
export class HttpLoad {
  failures = 0
  readonly #lanes: readonly Lane[]

  constructor(options: LoadOptions) {
    const requests = options.requests.map((fields) => requestBytes(options, fields))
    let turn = -1
    const nextRequest = () => {
      turn = (turn + 1) % requests.length
      return requests[turn] as Buffer
    }
    const onFailure = () => {
      this.failures += 1
    }
    this.#lanes = Array.from(
      { length: options.connections },
      () => new Lane({ port: options.port, status: options.status, nextRequest, onFailure }),
    )
  }

  /** Sends `count` requests and resolves when all are answered. */
  async run(count: number): Promise<void> {
    let left = count
    const takeOne = () => {
      left -= 1
      return left >= 0
    }
    await Promise.all(this.#lanes.map((lane) => lane.drive(takeOne)))
  }

  close(): void {
    for (const lane of this.#lanes) lane.close()
  }
}

function requestBytes({ port, path }: LoadOptions, fields: RequestFields): Buffer {
  const lines = Object.entries(fields).map(([name, value]) => `${name}: ${value}\r\n`)
  return Buffer.from(`GET ${path} HTTP/1.1\r\nHost: 127.0.0.1:${port}\r\n${lines.join('')}\r\n`)
}

interface LaneOptions {
  readonly port: number
  readonly status: number
  nextRequest(): Buffer
  readonly onFailure: () => void
}

/** One connection with one request under way at a time. */
class Lane {
  #socket: Socket | null = null
  #unread: Buffer | null = null
  #request: Buffer | null = null
  #takeOne: () => boolean = () => false
  #done: (() => void) | null = null
  readonly #options: LaneOptions

  constructor(options: LaneOptions) {
    this.#options = options
  }

  /** Sends one request after another while there are any to take. */
  drive(takeOne: () => boolean): Promise<void> {
    this.#takeOne = takeOne
    return new Promise((resolve) => {
      this.#done = resolve
      this.#next()
    })
  }

  close(): void {
    this.#socket?.destroy()
  }

  #next(): void {
    if (this.#takeOne()) {
      this.#request = this.#options.nextRequest()
      this.#send()
      return
    }
    this.#done?.()
    this.#done = null
  }

  #send(): void {
    if (this.#socket === null) this.#open()
    if (this.#request !== null) this.#socket?.write(this.#request)
  }

  #open(): void {
    const socket = connect({ port: this.#options.port, host: '127.0.0.1', noDelay: true })
    this.#socket = socket
    socket.on('data', (chunk: Buffer) => this.#read(chunk))
    // A refused connection closes as well; the load ends then with a failure per request.
    socket.on('error', () => this.#options.onFailure())
    socket.on('close', () => this.#lost())
  }

  #read(chunk: Buffer): void {
    this.#unread = this.#unread === null ? chunk : Buffer.concat([this.#unread, chunk])
    const answer = readAnswer(this.#unread)
    if (answer === null) return
    this.#unread = null
    if (answer.status !== this.#options.status) this.#options.onFailure()
    this.#next()
  }

  /** workerd closes what was idle for five seconds, now and then just when a request goes out: it is sent again. */
  #lost(): void {
    this.#socket = null
    this.#unread = null
    if (this.#done !== null) this.#send()
  }
}

/** The status of a whole answer, or null while some of it is missing. No more is parsed than that needs. */
function readAnswer(bytes: Buffer): { readonly status: number } | null {
  const headEnd = bytes.indexOf('\r\n\r\n')
  if (headEnd === -1) return null
  const head = bytes.toString('latin1', 0, headEnd).toLowerCase()
  const at = head.indexOf('\r\ncontent-length:')
  const whole =
    at === -1
      ? bytes.toString('latin1', bytes.length - 5) === '0\r\n\r\n'
      : bytes.length >= headEnd + 4 + Number.parseInt(head.slice(at + 17), 10)
  return whole ? { status: Number(head.slice(9, 12)) } : null
}
