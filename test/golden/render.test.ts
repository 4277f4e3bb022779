/** What is rendered from the source is committed as it is rendered. */
import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { placeOf, renderAll } from '../../docs/render.ts'

test.each(Object.entries(renderAll()))('%s says what the source says', (path, text) => {
  expect(readFileSync(placeOf(path), 'utf8'), 'run `npm run render`').toBe(text)
})
