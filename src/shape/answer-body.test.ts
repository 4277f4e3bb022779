import { expect, test } from 'vitest'
import { makeAnswer, readAnswerValue } from './answer-body.ts'
import { handOn } from './handed.ts'
import type { ReadOptions } from './read-options.ts'

const all: ReadOptions = { formats: null, maxBytes: 100, onTooLarge: 'refuse' }
const json = (text: string, headers: Readonly<Record<string, string>> = {}) =>
  new Response(text, { headers: { 'content-type': 'application/json', ...headers } })

test('a value that was handed on is not read again', async () => {
  const value = { a: 1 }
  const made = makeAnswer(json('0'), '{"a":1}', 'application/json', 'm')
  handOn(made, { value, format: 'json' })
  const read = await readAnswerValue(made, all)
  expect(read.kind === 'value' && read.value).toBe(value)
  expect(made.bodyUsed).toBe(false)
})

test('of a form that loses types the bytes are read', async () => {
  const made = makeAnswer(json('0'), 'a\r\n1\r\n', 'text/csv', 'm')
  handOn(made, { value: [{ a: 1 }], format: 'csv' })
  expect(await readAnswerValue(made, all)).toMatchObject({ value: [{ a: '1' }] })
})

test('a value is handed on to nobody who does not read its format', async () => {
  const made = makeAnswer(json('0'), '1', 'application/json', 'm')
  handOn(made, { value: 1, format: 'json' })
  const read = await readAnswerValue(made, { ...all, formats: ['xml'] })
  expect(read).toEqual({ kind: 'untouched', response: made })
})

test('every format is read where none is named, and nothing that is none', async () => {
  const form = new Response('a=1', {
    headers: { 'content-type': 'application/x-www-form-urlencoded' },
  })
  expect(await readAnswerValue(form, all)).toMatchObject({ value: { a: '1' }, format: 'form' })
  const image = new Response('x', { headers: { 'content-type': 'image/png' } })
  expect(await readAnswerValue(image, all)).toEqual({ kind: 'untouched', response: image })
  expect(image.bodyUsed).toBe(false)
})

test('a length of an encoded body says nothing of what is in it', async () => {
  const read = await readAnswerValue(
    json('1', { 'content-encoding': 'br', 'content-length': '999' }),
    all,
  )
  expect(read).toMatchObject({ kind: 'value', value: 1 })
})

test('an empty body is none', async () => {
  const read = await readAnswerValue(json(''), all)
  expect(read.kind).toBe('untouched')
})

test('an answer keeps its status, and several lines of one field', () => {
  const headers = new Headers([
    ['set-cookie', 'a=1'],
    ['set-cookie', 'b=2'],
    ['etag', '"x"'],
    ['content-range', 'bytes 0-1/2'],
  ])
  const made = makeAnswer(new Response('0', { status: 201, headers }), 'x', 'text/plain', 'm')
  expect(made.status).toBe(201)
  expect(made.headers.getSetCookie()).toEqual(['a=1', 'b=2'])
  expect(made.headers.get('etag')).toBe('W/"x;m"')
  expect(made.headers.get('content-range')).toBeNull()
})
