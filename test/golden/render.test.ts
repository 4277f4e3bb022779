/** What is rendered from the source is committed as it is rendered. */
import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { placeOf, renderAll } from '../../docs/render.ts'

test.each(Object.entries(renderAll()))('%s says what the source says', (path, text) => {
  expect(readFileSync(placeOf(path), 'utf8'), 'run `npm run render`').toBe(text)
})

test('each object of the published schema takes notes and refuses other unknown keys', () => {
  const schema: unknown = JSON.parse(renderAll()['routes.schema.json'] ?? '')
  const open: unknown[] = []
  let objects = 0
  JSON.stringify(schema, (_key, value) => {
    if (value?.type === 'object' && value.properties !== undefined) {
      objects++
      const isReference = 'var' in value.properties || 'secret' in value.properties
      const takesNotes = value.patternProperties?.['^x-'] && value.properties.description
      if (value.additionalProperties !== false || !(takesNotes || isReference)) open.push(value)
    }
    return value
  })
  expect(objects).toBeGreaterThan(20)
  expect(open).toEqual([])
})
