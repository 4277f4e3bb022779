/** Eight gateways over one object service, with a meter in the objects; and a client that asks them all at once. */
import http from 'node:http'
import { inject } from 'vitest'
import type { Decided } from '../metered/excess.ts'
import {
  askMeter,
  buildMetered,
  type MeterQuestion,
  type ObjectCounts,
} from '../metered/metered.ts'
import {
  atEnd,
  type Gateway,
  type GatewayOptions,
  startGateway,
  temporaryFolder,
} from './harness.ts'

export { admitted, excess } from '../metered/excess.ts'

export const SERVICES = 8

export interface Fleet extends Gateway {
  /** Sets what happens to calls of objects, and tells what they have seen. */
  meter(question?: MeterQuestion): Promise<ObjectCounts>
}

export async function startFleet(options: GatewayOptions): Promise<Fleet> {
  const worker = await buildMetered(inject('build'), temporaryFolder())
  const gateway = await startGateway({ services: SERVICES, ...options, modules: { worker } })
  return { ...gateway, meter: (question) => askMeter(gateway.url, question) }
}

/** An answer, and between which instants it was decided. */
export interface Timed extends Decided {
  readonly headers: http.IncomingHttpHeaders
  readonly body: string
}

export interface Question {
  readonly path?: string
  readonly headers?: http.OutgoingHttpHeaders
}

const agent = new http.Agent({ keepAlive: true })
atEnd(() => agent.destroy())

/** One request on a connection that is kept. */
export function timed(url: string, { path = '/', headers = {} }: Question = {}): Promise<Timed> {
  return new Promise((resolve, reject) => {
    const sentAt = performance.now()
    const request = http.get(`${url}${path}`, { agent, headers }, (response) => {
      const chunks: Buffer[] = []
      response.on('data', (chunk: Buffer) => chunks.push(chunk))
      response.on('error', reject)
      response.on('end', () =>
        resolve({
          status: response.statusCode ?? 0,
          headers: response.headers,
          body: Buffer.concat(chunks).toString(),
          sentAt,
          doneAt: performance.now(),
        }),
      )
    })
    request.on('error', reject)
  })
}

/** `count` requests over all services in turn, `parallel` of them at a time. */
export async function flood(
  urls: readonly string[],
  { count, parallel, ask }: { count: number; parallel: number; ask?: (at: number) => Question },
): Promise<Timed[]> {
  const answers: Timed[] = []
  let next = 0
  const lane = async () => {
    for (let at = next++; at < count; at = next++) {
      answers.push(await timed(urls[at % urls.length]!, ask?.(at)))
    }
  }
  await Promise.all(Array.from({ length: parallel }, lane))
  return answers
}

/** Asks all services without a pause for so long. */
export async function floodFor(
  urls: readonly string[],
  { ms, parallel, question = {} }: { ms: number; parallel: number; question?: Question },
): Promise<Timed[]> {
  const answers: Timed[] = []
  const endsAt = performance.now() + ms
  let next = 0
  const lane = async () => {
    while (performance.now() < endsAt) {
      const url = urls[next++ % urls.length]!
      try {
        answers.push(await timed(url, question))
      } catch {
        // A gateway that was killed: whoever asked it has no answer, and was not admitted as far as it knows.
        await new Promise((resolve) => setTimeout(resolve, 5))
      }
    }
  }
  await Promise.all(Array.from({ length: parallel }, lane))
  return answers
}

/** How often each status came. */
export function tally(answers: readonly Timed[]): Record<number, number> {
  const counts: Record<number, number> = {}
  for (const { status } of answers) counts[status] = (counts[status] ?? 0) + 1
  return counts
}
