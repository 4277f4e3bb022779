/** Reading and writing tables, on random ones. A failing run prints its seed; set SEED to run it again. */
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { readJson } from '../../src/config/json.ts'
import { parseDocument } from '../../src/config/parse.ts'
import { printTable } from '../../src/config/print.ts'
import { tables } from './tables.ts'

const seed = Number(process.env.SEED ?? Date.now() % 1_000_000)
console.info(`config properties: SEED=${seed}`)

function parse(text: string) {
  const parsed = parseDocument(text, { comments: false })
  if (parsed.kind === 'invalid') throw new Error(JSON.stringify(parsed.problems))
  return parsed.table
}

test('a printed table is read as the same table', () => {
  fc.assert(
    fc.property(tables, (document) => {
      const table = parse(JSON.stringify(document))
      expect(parse(printTable(table))).toEqual(table)
    }),
    { seed, numRuns: 200 },
  )
})

test('the reader gives for any JSON what JSON.parse gives', () => {
  fc.assert(
    fc.property(fc.json({ noUnicodeString: false }), (text) => {
      const read = readJson(text, { comments: false })
      expect(read).toMatchObject({ kind: 'read' })
      if (read.kind === 'read') expect(read.value).toEqual(JSON.parse(text))
    }),
    { seed, numRuns: 500 },
  )
})

test('the reader refuses exactly what JSON.parse refuses', () => {
  const nearJson = fc
    .tuple(fc.json(), fc.nat(), fc.constantFrom('', ',', '"', '{', '}', '[', '\\', '0', '\n', '-'))
    .map(([text, at, piece]) => {
      const cut = at % (text.length + 1)
      return text.slice(0, cut) + piece + text.slice(cut + 1)
    })
  fc.assert(
    fc.property(nearJson, (text) => {
      let isJson = true
      try {
        JSON.parse(text)
      } catch {
        isJson = false
      }
      expect(readJson(text, { comments: false }).kind).toBe(isJson ? 'read' : 'broken')
    }),
    { seed, numRuns: 1000 },
  )
})

test('no document makes the parser throw', () => {
  fc.assert(
    fc.property(fc.jsonValue(), fc.constantFrom('version', 'routes', 'upstreams'), (value, key) => {
      const text = JSON.stringify({ version: 1, routes: [], [key]: value })
      expect(['parsed', 'invalid']).toContain(parseDocument(text, { comments: false }).kind)
    }),
    { seed, numRuns: 500 },
  )
})
