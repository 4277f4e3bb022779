/**
 * Renders what is made from the source: `npm run render` writes it, `--check` only compares. The published
 * schema and the reference pages are never edited by hand.
 */
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname } from 'node:path'
import { fileURLToPath } from 'node:url'
import { policySchemas, tableSchema } from '../src/config/schema.ts'
import { matchSchema } from '../src/match/schema.ts'
import { whenCallerSchema, whenSchema } from '../src/policies/schema.ts'
import { upstreamSchema } from '../src/upstreams/http/schema.ts'
import { toJsonSchema } from './json-schema.ts'
import { errorsPage, policiesPage, routesPage } from './pages.ts'

/** What stands in several places of the document. */
const named = {
  match: matchSchema,
  upstream: upstreamSchema,
  when: whenSchema,
  whenCaller: whenCallerSchema,
  ...policySchemas,
}

/** The rendered files by their path in the repository. */
export function renderAll(): Readonly<Record<string, string>> {
  const schema = {
    title: 'routes.json of isogate',
    ...toJsonSchema(tableSchema, named),
  }
  return {
    'routes.schema.json': `${JSON.stringify(schema, null, 2)}\n`,
    'docs/reference/routes.md': routesPage(),
    'docs/reference/policies.md': policiesPage(),
    'docs/reference/errors.md': errorsPage(),
  }
}

/** Where a rendered file stands on this machine. */
export function placeOf(path: string): string {
  return fileURLToPath(new URL(`../${path}`, import.meta.url))
}

if (import.meta.main) run(process.argv.includes('--check'))

function run(isCheck: boolean) {
  for (const [path, text] of Object.entries(renderAll())) {
    const place = placeOf(path)
    if (isCheck) compare(path, place, text)
    else {
      mkdirSync(dirname(place), { recursive: true })
      writeFileSync(place, text)
    }
  }
}

function compare(path: string, place: string, text: string) {
  if (readFileSync(place, 'utf8') === text) return
  console.error(`${path} is not what the source says: run \`npm run render\``)
  process.exitCode = 1
}
