/** The examples of docs/formats.md: each is a body and its value, or a value and its body. */
import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { decodeBody } from '../../src/formats/decode.ts'
import { encodeBody } from '../../src/formats/encode.ts'
import type { Format } from '../../src/formats/format.ts'

const page = readFileSync(new URL('../../docs/formats.md', import.meta.url), 'utf8')
const pair = /(?:With `(\{[^`]*\})`:\n\n)?```(\w+)\n([\s\S]*?)\n```\n\n```(\w+)\n([\s\S]*?)\n```/g
const examples = [...page.matchAll(pair)].map(
  ([, options = '{}', from = '', body = '', to = '', other = '']) => ({
    options: JSON.parse(options) as object,
    from,
    body,
    to,
    other,
  }),
)

test('the page has examples of what is read and of what is written', () => {
  expect(examples.filter(({ to }) => to === 'json').length).toBeGreaterThan(3)
  expect(examples.filter(({ from }) => from === 'json').length).toBeGreaterThan(1)
})

test.each(examples)('$body is what the page says', ({ options, from, body, to, other }) => {
  if (to === 'json') {
    const bytes = new TextEncoder().encode(body).slice().buffer
    const value = JSON.parse(other) as unknown
    expect(decodeBody(bytes, from as Format, { xml: options })).toEqual({ kind: 'value', value })
    return
  }
  const written = encodeBody(JSON.parse(body), to as Format, { xml: options })
  expect(written.kind === 'bytes' && String(written.bytes).replaceAll('\r\n', '\n').trimEnd()).toBe(
    other,
  )
})
