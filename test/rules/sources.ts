/** The sources of the project as text, for the laws. */
import { readdirSync, readFileSync } from 'node:fs'
import { join, relative } from 'node:path'

const root = join(import.meta.dirname, '..', '..')

export interface Source {
  /** Relative to the root, with "/". */
  readonly path: string
  readonly text: string
  /** What it imports: paths relative to the root for own files, else the module's name. */
  readonly imports: readonly Import[]
}

export interface Import {
  readonly from: string
  readonly typeOnly: boolean
  /** Whether it is `import()`: evaluated when it is asked for. */
  readonly isLate: boolean
}

/** All TypeScript files of a folder; `tests` says whether test files are among them. */
export function readSources(folder: string, { tests }: { readonly tests: boolean }): Source[] {
  return listFiles(folder)
    .filter((path) => path.endsWith('.ts') && (tests || !path.endsWith('.test.ts')))
    .map((path) => readSource(path))
}

/** Paths of all files below a folder of the project. */
export function listFiles(folder: string): string[] {
  return readdirSync(join(root, folder), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => relative(root, join(entry.parentPath, entry.name)))
}

export function readText(path: string): string {
  return readFileSync(join(root, path), 'utf8')
}

function readSource(path: string): Source {
  const text = readText(path)
  const pattern =
    /^(?:import|export)\s+(type\s+)?[^'"]*?from\s+['"]([^'"]+)['"]|^import\s+['"]([^'"]+)['"]/gm
  const imports = [...text.matchAll(pattern)].map((found) => ({
    from: resolve(path, found[2] ?? found[3] ?? ''),
    typeOnly: found[1] !== undefined,
    isLate: false,
  }))
  const late = [...text.matchAll(/(typeof\s+)?import\('([^']+)'\)/g)].map((found) => ({
    from: resolve(path, found[2] ?? ''),
    typeOnly: found[1] !== undefined,
    isLate: true,
  }))
  return { path, text, imports: [...imports, ...late] }
}

function resolve(path: string, target: string): string {
  return target.startsWith('.') ? relative(root, join(root, path, '..', target)) : target
}
