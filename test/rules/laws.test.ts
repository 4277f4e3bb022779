/** The laws of the design, held against the sources. */
import { expect, test } from 'vitest'
import { catalogue } from '../../src/errors/catalogue.ts'
import { registry } from '../../src/policies/registry.ts'
import { listFiles, readSources, readText, type Source } from './sources.ts'

const sources = readSources('src', { tests: false })
const cores = sources.filter(({ path }) => /[-/]core\.ts$/.test(path))
const runtime = sources.filter(({ path }) => path.startsWith('src/platform/cloudflare/'))

function roomOf(path: string): string {
  return path.split('/')[1] ?? ''
}

test('a core is pure: no platform, clock, randomness or network of its own', () => {
  const impure = /\b(?:Date\.now|new Date\(\)|Math\.random|crypto\.|fetch\(|setTimeout|caches\b)/
  expect(cores.length).toBeGreaterThan(5)
  expect(cores.filter(({ text }) => impure.test(text)).map(({ path }) => path)).toEqual([])
  const reaching = cores.filter(({ imports }) =>
    imports.some(({ from, typeOnly }) => !typeOnly && /^cloudflare:|^src\/platform/.test(from)),
  )
  expect(reaching.map(({ path }) => path)).toEqual([])
})

test('a core throws nothing: expected outcomes are values', () => {
  expect(cores.filter(({ text }) => /\bthrow\b/.test(text)).map(({ path }) => path)).toEqual([])
})

test('only the platform and the entry touch cloudflare modules, env and caches', () => {
  const outside = sources.filter(
    (source) => !runtime.includes(source) && source.path !== 'src/worker.ts',
  )
  const touching = outside.filter(
    ({ text, imports }) =>
      imports.some(({ from }) => from.startsWith('cloudflare:')) || /\bcaches\.|\benv\./.test(text),
  )
  expect(touching.map(({ path }) => path)).toEqual([])
})

/** Each room of src with the rooms whose values it may import, as docs/architecture.md has them. Types may be shared more widely. */
function readArrows(): ReadonlyMap<string, readonly string[]> {
  const rows = readText('docs/architecture.md').matchAll(/^\| `([\w-]+)[^|]*\|[^|]*\|([^|]*)\|$/gm)
  return new Map([...rows].map(([, room = '', cell = '']) => [room, namesIn(cell, room)]))
}

function namesIn(cell: string, room: string): string[] {
  return [room, ...cell.split(',').map((name) => name.trim())]
}

test('each room has its row in the docs', () => {
  const rooms = new Set(sources.map(({ path }) => roomOf(path)))
  const files = ['gateway.ts', 'worker.ts'] // The page and the entry stand above all rooms.
  expect([...readArrows().keys(), ...files].sort()).toEqual([...rooms].sort())
})

test('imports point one way', () => {
  const arrows = readArrows()
  const wrong = sources.flatMap(({ path, imports }) => {
    const rooms = arrows.get(roomOf(path))
    if (rooms === undefined) return []
    return imports
      .filter(({ from, typeOnly }) => !typeOnly && from.startsWith('src/'))
      .filter(
        ({ from }) =>
          !rooms.some((room) => from.startsWith(`src/${room}/`) || from === `src/${room}.ts`),
      )
      .map(({ from }) => `${path} → ${from}`)
  })
  expect(wrong).toEqual([])
})

test('a policy never imports another', () => {
  const policyOf = (path: string) => /^src\/policies\/([^/]+)\//.exec(path)?.[1]
  const wrong = sources.flatMap(({ path, imports }) => {
    const own = policyOf(path)
    if (own === undefined) return []
    const others = imports.filter(({ from }) => (policyOf(from) ?? own) !== own)
    return others.map(({ from }) => `${path} → ${from}`)
  })
  expect(wrong).toEqual([])
})

test('a policy folder holds the same files, and is named as in the table and the docs', () => {
  const files = listFiles('src/policies')
  for (const use of Object.keys(registry)) {
    for (const file of ['schema.ts', 'core.ts', 'policy.ts', 'core.test.ts', 'policy.test.ts']) {
      expect(files).toContain(`src/policies/${use}/${file}`)
    }
    expect(readText(`docs/policies/${use}.md`).split('\n')[0]).toBe(`# ${use}`)
  }
  const folders = new Set(
    files.map((path) => path.split('/')[2]).filter((name) => !name?.includes('.')),
  )
  expect([...folders].sort()).toEqual(Object.keys(registry).sort())
})

test('each field of the event stands in the docs', () => {
  const source = readText('src/observe/event.ts')
  const fields = [...source.matchAll(/^ {2}(\w+): /gm)].map(([, field]) => field)
  const page = readText('docs/events.md')
  expect(fields.length).toBeGreaterThan(15)
  expect(fields.filter((field) => !page.includes(`\`${field}\``))).toEqual([])
})

test('each registry key is the use of its policy', () => {
  for (const [key, definition] of Object.entries(registry)) expect(definition.use).toBe(key)
})

test('half of the files have under 100 lines, nine in ten under 250, none over 400', () => {
  const lines = sources.map(({ path, text }) => ({ path, count: text.split('\n').length - 1 }))
  const share = (limit: number) => lines.filter(({ count }) => count < limit).length / lines.length
  expect(share(100)).toBeGreaterThanOrEqual(0.5)
  expect(share(250)).toBeGreaterThanOrEqual(0.9)
  expect(lines.filter(({ count }) => count > 400)).toEqual([])
})

test('the entry and the page stay short', () => {
  const count = (path: string) => readText(path).split('\n').length - 1
  expect(count('src/worker.ts')).toBeLessThanOrEqual(60)
  expect(count('src/gateway.ts')).toBeLessThanOrEqual(150)
})

/** The text without its comments. */
function codeOf(text: string): string {
  return text.replace(/\/\*[\s\S]*?\*\/|\/\/.*$/gm, '')
}

test('no type is given up, and no file has a name that says nothing', () => {
  const given = sources.filter(({ text }) => /:\s*any\b|\bas any\b|<any>/.test(codeOf(text)))
  expect(given.map(({ path }) => path)).toEqual([])
  const empty = /(?:^|\/)(?:utils?|helpers?|common|manager|service)\.ts$/
  expect(sources.filter(({ path }) => empty.test(path)).map(({ path }) => path)).toEqual([])
})

test('no code is made from text at run time', () => {
  const making = sources.filter(({ text }) => /\beval\(|new Function\(/.test(text))
  expect(making.map(({ path }) => path)).toEqual([])
})

test('every code of the catalogue is produced by a test', () => {
  const tests = [...readSources('src', { tests: true }), ...readSources('test', { tests: true })]
    .filter(({ path }) => path.endsWith('.test.ts') && !path.startsWith('test/rules/'))
    .map(({ text }: Source) => text)
    .join('\n')
  expect(Object.keys(catalogue).filter((code) => !tests.includes(`'${code}'`))).toEqual([])
})
