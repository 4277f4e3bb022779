/** Puts the meter around a build of the gateway, and speaks to it. For end-to-end tests and the benchmark. */
import { join } from 'node:path'
import { type Build, requireOfWrangler } from '../../serve/build.ts'

/** What the objects of all services have seen since the count was last reset. */
export interface ObjectCounts {
  readonly bucketCalls: number
  readonly upstreamCalls: number
  /** Objects of buckets that began a life, and their names. */
  readonly starts: number
  readonly names: readonly string[]
  /** Deaths that are still to come. */
  readonly kills: number
}

export interface MeterQuestion {
  /** What happens to calls of objects from now on, in all services. */
  readonly trouble?: 'none' | 'hang' | 'fail'
  /** So many of the next calls kill their object. */
  readonly kills?: number
  /** Whether the service that is asked sees all objects as overloaded. */
  readonly overloaded?: boolean
  /** Begins to count anew. */
  readonly reset?: boolean
}

/** The bundle with the meter in it, written to `folder`. */
export async function buildMetered({ modules }: Build, folder: string): Promise<string> {
  const outfile = join(folder, 'metered.js')
  const esbuild: typeof import('esbuild') = requireOfWrangler('esbuild')
  await esbuild.build({
    entryPoints: [join(import.meta.dirname, 'worker.js')],
    outfile,
    alias: { 'isogate-bundle': modules.worker },
    bundle: true,
    format: 'esm',
    target: 'es2024',
    external: ['cloudflare:*'],
    logLevel: 'error',
  })
  return outfile
}

export async function askMeter(url: string, question: MeterQuestion = {}): Promise<ObjectCounts> {
  const body = JSON.stringify(question)
  const answer = await fetch(`${url}/_meter`, { method: 'POST', body })
  if (!answer.ok) throw new Error(`the meter answered ${answer.status}`)
  return (await answer.json()) as ObjectCounts
}
