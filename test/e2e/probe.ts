/** Asks the probe Worker, which stands in the place of the gateway, through its bindings. */
import { join } from 'node:path'
import { type Gateway, startGateway } from './harness.ts'

export interface Outcome {
  readonly value?: unknown
  readonly error?: string
}

export interface Probe extends Gateway {
  kvCall(method: string, ...args: unknown[]): Promise<Outcome>
  cacheCall(question: object): Promise<Outcome>
}

export async function startProbe(
  options: { state?: string; services?: number; vars?: Record<string, string> } = {},
): Promise<Probe> {
  const worker = join(import.meta.dirname, 'workers/probe.js')
  const gateway = await startGateway({ ...options, modules: { worker } })
  const ask = async (path: string, question: unknown): Promise<Outcome> => {
    const body = JSON.stringify(question)
    const answer = await fetch(`${gateway.url}${path}`, { method: 'POST', body })
    return (await answer.json()) as Outcome
  }
  return {
    ...gateway,
    kvCall: (method, ...args) => ask('/kv', { method, args }),
    cacheCall: (question) => ask('/cache', question),
  }
}
