/** What an isolate evaluates at its start: all that src/worker.ts reaches without an `import()`. */
import { expect, test } from 'vitest'
import { readSources, type Source } from './sources.ts'

const sources = new Map(readSources('src', { tests: false }).map((source) => [source.path, source]))

/** The modules that `from` evaluates, itself included, and the packages among what they import. */
function evaluate(from: string) {
  const modules = new Set<string>([from])
  const packages = new Set<string>()
  for (const path of modules) {
    for (const imported of valuesOf(sources.get(path))) {
      if (imported.startsWith('src/')) modules.add(imported)
      else packages.add(imported.replace(/^((?:@[^/]+\/)?[^/]+).*$/, '$1'))
    }
  }
  return { modules, packages }
}

function valuesOf(source: Source | undefined): readonly string[] {
  const imports = source?.imports ?? []
  return imports.filter(({ typeOnly, isLate }) => !typeOnly && !isLate).map(({ from }) => from)
}

const atStart = evaluate('src/worker.ts')

test('an isolate starts without the libraries that only some tables and operators need', () => {
  const late = ['zod', 'jsonata', 'itty-router', '@bufbuild/protobuf']
  expect(late.filter((name) => atStart.packages.has(name))).toEqual([])
})

test('an isolate starts without any schema of the table, and without the admin surface', () => {
  expect(evaluate('src/config/parse.ts').modules).toContain('src/schema/atoms.ts')
  for (const path of ['src/config/parse.ts', 'src/schema/atoms.ts', 'src/admin/admin.ts']) {
    expect([...atStart.modules]).not.toContain(path)
  }
  expect([...atStart.modules].filter((path) => path.endsWith('/schema.ts'))).toEqual([])
})
