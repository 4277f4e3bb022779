import { expect, test } from 'vitest'
import { makeHead } from '../../test/answer-heads.ts'
import { headText } from './frame.ts'
import { KnownHeads } from './known-heads.ts'

const textOf = (tag: string) => headText(makeHead({ etag: tag }), true)

test('a text that stands where it stood is read once', () => {
  const heads = new KnownHeads()
  const read = heads.read('key', textOf('"a"'))
  expect(read?.head.fields).toContainEqual(['etag', '"a"'])
  expect(heads.read('key', textOf('"a"'))).toBe(read)
})

test('another text under the same key is read anew', () => {
  const heads = new KnownHeads()
  heads.read('key', textOf('"a"'))
  expect(heads.read('key', textOf('"b"'))?.head.fields).toContainEqual(['etag', '"b"'])
})

test('what is no head is none, whatever stood there before', () => {
  const heads = new KnownHeads()
  heads.read('key', textOf('"a"'))
  expect(heads.read('key', '{}')).toBeNull()
  expect(heads.read('key', textOf('"a"'))).not.toBeNull()
})

test('what came first is forgotten first, and long texts at once', () => {
  const heads = new KnownHeads()
  const first = heads.read('key 0', textOf('"a"'))
  for (let at = 1; at < 1_000; at += 1) heads.read(`key ${at}`, textOf('"a"'))
  expect(heads.read('key 0', textOf('"a"'))).toBe(first)
  heads.read('key 1000', textOf('"a"'))
  expect(heads.read('key 0', textOf('"a"'))).not.toBe(first)
  const long = textOf(`"${'x'.repeat(3_000)}"`)
  expect(heads.read('long', long)).not.toBe(heads.read('long', long))
})
