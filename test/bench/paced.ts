/** Requests at a steady rate, whatever the answers take (an open loop): over all services in turn. */
import http from 'node:http'

export interface Paced {
  readonly status: number
  readonly sentAt: number
  readonly doneAt: number
}

export interface Pace {
  readonly urls: readonly string[]
  readonly path: string
  readonly perSecond: number
  readonly seconds: number
  /** Header fields of the request with this number. */
  fields(at: number): http.OutgoingHttpHeaders
}

const TICK_MS = 4 // As fine as timers are on a busy machine: of 1,000 a second four go out at once.

/** The answers, in the order in which they came. A connection that breaks is an answer of status 0. */
export async function sendPaced({
  urls,
  path,
  perSecond,
  seconds,
  fields,
}: Pace): Promise<Paced[]> {
  const agent = new http.Agent({ keepAlive: true })
  const answers: Paced[] = []
  const open: Promise<void>[] = []
  const startedAt = performance.now()
  const count = perSecond * seconds
  const send = (at: number) =>
    new Promise<void>((resolve) => {
      const sentAt = performance.now()
      const done = (status: number) => {
        answers.push({ status, sentAt, doneAt: performance.now() })
        resolve()
      }
      const url = `${urls[at % urls.length]}${path}`
      const request = http.get(url, { agent, headers: fields(at) }, (response) => {
        response.resume()
        response.on('end', () => done(response.statusCode ?? 0))
        response.on('error', () => done(0))
      })
      request.on('error', () => done(0))
    })
  for (let next = 0; next < count; ) {
    const due = Math.min(count, Math.ceil(((performance.now() - startedAt) * perSecond) / 1000))
    for (; next < due; next += 1) open.push(send(next))
    await new Promise((resolve) => setTimeout(resolve, TICK_MS))
  }
  await Promise.all(open)
  agent.destroy()
  return answers
}
