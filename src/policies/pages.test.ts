import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { schemas } from './schemas.ts'

const uses = Object.keys(schemas) as (keyof typeof schemas)[]
const pageOf = (use: string) =>
  readFileSync(new URL(`../../docs/policies/${use}.md`, import.meta.url), 'utf8')

const shared = new Set(['use', 'mode', 'name', 'when'])

test.each(uses)('the page of %s has a row for each of its options', (use) => {
  const { shape } = schemas[use] as unknown as { readonly shape: object }
  const own = Object.keys(shape).filter((key) => !shared.has(key))
  const page = pageOf(use)
  expect(own.filter((key) => !new RegExp(`\n\\| \`${key}\` +\\|`).test(page))).toEqual([])
})

test.each(uses)('each example on the page of %s is taken by its schema', (use) => {
  const examples = [...pageOf(use).matchAll(/```json\n([\s\S]*?)```/g)].map(([, text]) => text!)
  expect(examples.length).toBeGreaterThan(0)
  for (const example of examples) {
    expect(schemas[use].safeParse(JSON.parse(example)).error).toBeUndefined()
  }
})

test.each(uses)(
  'the page of %s says when it runs, how it fails and what shadow mode does',
  (use) => {
    const headings = [...pageOf(use).matchAll(/^## (.*)$/gm)].map(([, heading]) => heading)
    expect(headings).toEqual(
      expect.arrayContaining(['Options', 'When it runs', 'Errors', 'In shadow mode']),
    )
  },
)
