/**
 * Requests per second and latency, by wrk or autocannon: what a reader expects beside the CPU, and a check
 * that the CPU is no artefact of our own load. On a machine that runs load, origin and contestant at once
 * these say more of the machine than of the contestant.
 */
import { execFile } from 'node:child_process'
import { createRequire } from 'node:module'
import { promisify } from 'node:util'
import { versionOf } from './children.ts'
import type { Contestant } from './contestants.ts'
import { requestPath } from './contestants.ts'

const run = promisify(execFile)

export interface Throughput {
  readonly requestsPerSecond: number
  readonly p50Ms: number
  readonly p99Ms: number
}

export interface LoadTool {
  readonly name: string
  measure(contestant: Contestant, seconds: number): Promise<Throughput>
}

export function findLoadTool(): LoadTool {
  const wrk = versionOf('wrk', '-v')
  if (wrk !== null) return { name: wrk.replace(/ Copyright.*/, ''), measure: byWrk }
  return { name: 'autocannon', measure: byAutocannon }
}

const CONNECTIONS = '32'

async function byWrk({ port, fields }: Contestant, seconds: number): Promise<Throughput> {
  const headers = Object.entries(fields).flatMap(([name, value]) => ['-H', `${name}: ${value}`])
  const options = ['-t1', `-c${CONNECTIONS}`, `-d${seconds}s`, '--latency']
  const url = `http://127.0.0.1:${port}${requestPath}`
  const { stdout } = await run('wrk', [...options, ...headers, url])
  const read = (pattern: RegExp) => pattern.exec(stdout)?.[1] ?? ''
  return {
    requestsPerSecond: Number(read(/Requests\/sec:\s+([\d.]+)/)),
    p50Ms: milliseconds(read(/^\s+50%\s+(\S+)/m)),
    p99Ms: milliseconds(read(/^\s+99%\s+(\S+)/m)),
  }
}

/** wrk writes `812.00us`, `4.10ms` or `1.02s`. */
function milliseconds(text: string): number {
  const value = Number.parseFloat(text)
  if (text.endsWith('us')) return value / 1000
  return text.endsWith('ms') ? value : value * 1000
}

interface AutocannonReport {
  readonly requests: { readonly average: number }
  readonly latency: { readonly p50: number; readonly p99: number }
}

async function byAutocannon({ port, fields }: Contestant, seconds: number): Promise<Throughput> {
  const script = createRequire(import.meta.url).resolve('autocannon')
  const headers = Object.entries(fields).flatMap(([name, value]) => ['-H', `${name}=${value}`])
  const options = ['-c', CONNECTIONS, '-d', String(seconds), '--json', ...headers]
  const url = `http://127.0.0.1:${port}${requestPath}`
  const { stdout } = await run(process.execPath, [script, ...options, url])
  const { requests, latency } = JSON.parse(stdout) as AutocannonReport
  return { requestsPerSecond: requests.average, p50Ms: latency.p50, p99Ms: latency.p99 }
}
