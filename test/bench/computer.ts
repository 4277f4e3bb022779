/** On what the numbers were measured. Nothing of it names the computer itself. */
import { readFileSync } from 'node:fs'
import { cpus, release, totalmem, type } from 'node:os'
import { join } from 'node:path'
import { requireOfWrangler } from '../../serve/build.ts'
import { projectFolder } from '../../serve/project.ts'

export interface Computer {
  readonly cpu: string
  readonly cores: number
  readonly memoryGiB: number
  readonly system: string
  readonly node: string
  readonly workerd: string
  readonly hono: string
  readonly memoirist: string
}

export function describeComputer(): Computer {
  const { version: workerd } = requireOfWrangler('workerd/package.json') as { version: string }
  return {
    cpu: cpus()[0]?.model.trim() ?? 'unknown',
    cores: cpus().length,
    memoryGiB: Math.round(totalmem() / 2 ** 30),
    system: `${type()} ${release()}`,
    node: process.version,
    workerd,
    hono: installed('hono'),
    memoirist: installed('memoirist'),
  }
}

function installed(name: string): string {
  const path = join(projectFolder, 'node_modules', name, 'package.json')
  return (JSON.parse(readFileSync(path, 'utf8')) as { version: string }).version
}
