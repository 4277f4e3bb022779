/** What this checkout is: its folders, and what wrangler.toml says to both hosts. Read once, by everything in serve/. */
import { readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { parseToml, type TomlTable } from './toml.ts'

export const projectFolder = dirname(dirname(fileURLToPath(import.meta.url)))
export const distFolder = join(projectFolder, 'dist')

export interface ObjectClass {
  readonly binding: string
  readonly className: string
}

/** The settings that hold on Cloudflare and here alike. */
export interface WorkerSettings {
  readonly compatibilityDate: string
  readonly compatibilityFlags: readonly string[]
  readonly kvBindings: readonly string[]
  readonly objects: readonly ObjectClass[]
  readonly assets: { readonly binding: string; readonly folder: string } | null
  readonly vars: Readonly<Record<string, string>>
}

/** Reads wrangler.toml. */
export function readWorkerSettings(): WorkerSettings {
  const toml = parseToml(readFileSync(join(projectFolder, 'wrangler.toml'), 'utf8'))
  const assets = toml.assets as TomlTable | undefined
  const vars = Object.entries((toml.vars ?? {}) as TomlTable)
  return {
    compatibilityDate: String(toml.compatibility_date),
    compatibilityFlags: (toml.compatibility_flags ?? []) as readonly string[],
    kvBindings: tables(toml.kv_namespaces).map((namespace) => String(namespace.binding)),
    objects: tables((toml.durable_objects as TomlTable | undefined)?.bindings)
      // A class of another Worker is not ours to run.
      .filter((object) => object.script_name === undefined)
      .map((object) => ({ binding: String(object.name), className: String(object.class_name) })),
    assets: assets
      ? {
          binding: String(assets.binding),
          folder: join(projectFolder, String(assets.directory)),
        }
      : null,
    vars: Object.fromEntries(vars.map(([name, value]) => [name, String(value)])),
  }
}

function tables(value: unknown): readonly TomlTable[] {
  return Array.isArray(value) ? (value as TomlTable[]) : []
}
