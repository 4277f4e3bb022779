/**
 * The folder that survives a restart: KV, objects, and which content of the routes file was last loaded.
 * One gateway at a time owns a folder; a second one on the same file gets a folder of its own.
 */
import { createHash } from 'node:crypto'
import { mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { connect, createServer } from 'node:net'
import { basename, join } from 'node:path'
import { socketPathFor } from './kv.ts'
import { projectFolder } from './project.ts'

export interface StateFolder {
  readonly path: string
  /** The hash of the file content that was last loaded into KV, or null. */
  loadedHash(): string | null
  noteLoaded(hash: string): void
  release(): void
}

export type Claim =
  | { readonly kind: 'claimed'; readonly folder: StateFolder }
  | { readonly kind: 'refused'; readonly line: string }

/** `.isogate/<name of the file>-<hash of its path>`: two files never share state. */
export function defaultStateFolder(routesPath: string): string {
  const hash = createHash('sha256').update(routesPath).digest('hex').slice(0, 8)
  const name = basename(routesPath).replace(/[^A-Za-z0-9._-]/g, '_')
  return join(projectFolder, '.isogate', `${name}-${hash}`)
}

/** Claims the first of these folders that no running gateway owns. */
export async function claimState(candidates: readonly string[]): Promise<Claim> {
  for (const path of candidates) {
    mkdirSync(path, { recursive: true, mode: 0o700 })
    const lockPath = socketPathFor(join(path, 'lock.sock'))
    if (lockPath === null) {
      return { kind: 'refused', line: `the path of the state folder is too long: ${path}` }
    }
    const release = await lock(lockPath)
    if (release) return { kind: 'claimed', folder: stateFolder(path, release) }
  }
  const line = `the state in ${candidates[0]} belongs to a gateway that is running; give --state`
  return { kind: 'refused', line }
}

function stateFolder(path: string, release: () => void): StateFolder {
  const notePath = join(path, 'loaded.json')
  return {
    path,
    loadedHash() {
      try {
        return (JSON.parse(readFileSync(notePath, 'utf8')) as { file: string }).file
      } catch {
        return null
      }
    },
    noteLoaded(hash) {
      writeFileSync(`${notePath}.new`, JSON.stringify({ file: hash }))
      renameSync(`${notePath}.new`, notePath)
    },
    release,
  }
}

/**
 * A unix socket as a lock: it answers as long as its owner lives, and a process id, which another process may
 * have by now, plays no part. Null where somebody answers.
 */
async function lock(path: string): Promise<(() => void) | null> {
  for (const attempt of ['first', 'after removing a dead one']) {
    const release = await listen(path)
    if (release) return release
    if (attempt !== 'first' || (await answers(path))) return null
    rmSync(path, { force: true })
  }
  return null
}

function listen(path: string): Promise<(() => void) | null> {
  return new Promise((resolve) => {
    const server = createServer((connection) => connection.destroy())
    server.once('error', () => resolve(null))
    server.listen(path, () => {
      server.unref()
      resolve(() => server.close())
    })
  })
}

function answers(path: string): Promise<boolean> {
  return new Promise((resolve) => {
    const connection = connect(path)
    connection.once('connect', () => {
      connection.destroy()
      resolve(true)
    })
    connection.once('error', () => resolve(false))
  })
}
