/**
 * Builds what workerd runs: the Worker as `wrangler deploy` would upload it, and the services around it.
 * A build is kept until one of its inputs changes, and put in place whole, so that a gateway that starts
 * meanwhile never reads half of one.
 */
import { execFile } from 'node:child_process'
import { createHash } from 'node:crypto'
import {
  existsSync,
  globSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
} from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import { promisify } from 'node:util'
import type { Modules } from './config.ts'
import { distFolder, projectFolder } from './project.ts'

const run = promisify(execFile)
const services = ['kv', 'cache', 'assets'] as const

/** Wrangler brings both: what it bundles with and what it runs in are of the versions that it was tried with. */
const wranglerManifest = createRequire(import.meta.url).resolve('wrangler/package.json')
export const requireOfWrangler = createRequire(wranglerManifest)

/** Wrangler for a script: no usage data, no banner (which asks for updates), no log file in the user's home. */
export const quietWrangler = {
  WRANGLER_SEND_METRICS: 'false',
  WRANGLER_HIDE_BANNER: 'true',
  WRANGLER_WRITE_LOGS: 'false',
}

export interface Build {
  readonly modules: Modules
  /** Hash of the Worker's bundle: the same code has the same one on any machine. */
  readonly hash: string
}

export interface BuildOptions {
  /** Called when the build is not there yet: it takes some seconds. */
  readonly onBuild?: () => void
  readonly signal?: AbortSignal
}

/** The modules for workerd; built anew only if a source, the lockfile or wrangler.toml changed. */
export async function ensureBuild(options: BuildOptions = {}): Promise<Build> {
  const inputs = hashOfInputs()
  const folder = join(distFolder, 'machine', inputs)
  if (!existsSync(folder)) {
    options.onBuild?.()
    await buildInto(folder, options.signal)
  }
  const path = (name: string) => join(folder, `${name}.js`)
  const modules = {
    worker: path('worker'),
    kv: path('kv'),
    cache: path('cache'),
    assets: path('assets'),
  }
  return { modules, hash: sha256(readFileSync(modules.worker)).slice(0, 16) }
}

async function buildInto(folder: string, signal: AbortSignal | undefined): Promise<void> {
  const scratch = `${folder}.${process.pid}`
  mkdirSync(scratch, { recursive: true })
  try {
    await Promise.all([bundleWorker(scratch, signal), bundleServices(scratch)])
    renameSync(scratch, folder)
    prune(folder)
  } catch (error) {
    // Two starts at once: the other one was first, with the same inputs.
    if (!existsSync(folder)) throw error
  } finally {
    rmSync(scratch, { recursive: true, force: true })
  }
}

// A gateway reads its modules within a second of its start; an hour leaves room for a suspended machine.
const KEEP_MS = 3_600_000

/** Removes the builds of older sources. */
function prune(current: string): void {
  for (const name of readdirSync(dirname(current))) {
    const folder = join(dirname(current), name)
    if (folder === current) continue
    const age = Date.now() - (statSync(folder, { throwIfNoEntry: false })?.mtimeMs ?? Date.now())
    if (age > KEEP_MS) rmSync(folder, { recursive: true, force: true })
  }
}

async function bundleWorker(outdir: string, signal: AbortSignal | undefined): Promise<void> {
  const wrangler = join(wranglerManifest, '../bin/wrangler.js')
  await run(process.execPath, [wrangler, 'deploy', '--dry-run', '--outdir', outdir], {
    cwd: projectFolder,
    ...(signal ? { signal } : {}),
    env: { ...process.env, ...quietWrangler, CI: 'true' },
  })
}

async function bundleServices(outdir: string): Promise<void> {
  const esbuild: typeof import('esbuild') = requireOfWrangler('esbuild')
  await esbuild.build({
    entryPoints: services.map((name) => join(projectFolder, 'serve/workers', `${name}.ts`)),
    outdir,
    bundle: true,
    format: 'esm',
    target: 'es2024',
    external: ['cloudflare:*'],
    logLevel: 'error',
  })
}

function hashOfInputs(): string {
  const sources = globSync(['src/**/*.ts', 'serve/workers/*.ts'], { cwd: projectFolder })
    .filter((path) => !path.endsWith('.test.ts'))
    .sort()
  const hash = createHash('sha256')
  for (const path of ['package-lock.json', 'wrangler.toml', ...sources]) {
    hash.update(`${path}\0`).update(readFileSync(join(projectFolder, path)))
  }
  return hash.digest('hex').slice(0, 16)
}

function sha256(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex')
}
