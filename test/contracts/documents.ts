/** What every adapter of Documents does: run on memory and on Workers KV. */
import { expect, test } from 'vitest'
import type { Documents } from '../../src/platform/ports.ts'

export function documentsContract(make: () => Documents): void {
  test('a key that was never written is absent', async () => {
    const documents = make()
    expect(await documents.get('none')).toBeNull()
    expect(await documents.metadata('none')).toBeNull()
    expect(await documents.getIfChanged('none', [])).toEqual({ kind: 'absent' })
  })

  test('a text comes back as it was written, with what stands beside it', async () => {
    const documents = make()
    const text = '{"name":"grüße 🚪","n":[1,2]}\n'
    await documents.put('text', text, { version: 'a', stamp: 1 })
    expect(await documents.get('text')).toEqual({ text, metadata: { version: 'a', stamp: 1 } })
    expect(await documents.metadata('text')).toEqual({ version: 'a', stamp: 1 })
  })

  test('a look at a known version brings no text', async () => {
    const documents = make()
    await documents.put('look', 'text', { version: 'a' })
    expect(await documents.getIfChanged('look', ['x', 'a'])).toEqual({
      kind: 'unchanged',
      metadata: { version: 'a' },
    })
  })

  test('a look at an unknown version brings the text', async () => {
    const documents = make()
    await documents.put('look', 'text', { version: 'b' })
    expect(await documents.getIfChanged('look', ['a'])).toEqual({
      kind: 'read',
      text: 'text',
      metadata: { version: 'b' },
    })
  })

  test('a later write replaces the text', async () => {
    const documents = make()
    await documents.put('twice', 'one', { version: 'a' })
    await documents.put('twice', 'two', { version: 'b' })
    expect(await documents.get('twice')).toEqual({ text: 'two', metadata: { version: 'b' } })
  })

  test('a deleted key is absent, and may be deleted again', async () => {
    const documents = make()
    await documents.put('gone', 'text', {})
    await documents.delete('gone')
    await documents.delete('gone')
    expect(await documents.get('gone')).toBeNull()
  })

  test('keys are listed by prefix, in order and in pages, with what stands beside them', async () => {
    const documents = make()
    for (const key of ['list:b', 'list:a', 'list:c', 'lisu', 'list;']) {
      await documents.put(key, 'text', { key })
    }
    const first = await documents.list('list:', { cursor: null, limit: 2 })
    expect(first.entries).toEqual([
      { key: 'list:a', metadata: { key: 'list:a' } },
      { key: 'list:b', metadata: { key: 'list:b' } },
    ])
    expect(first.cursor).not.toBeNull()
    const second = await documents.list('list:', { cursor: first.cursor, limit: 2 })
    expect(second).toEqual({
      entries: [{ key: 'list:c', metadata: { key: 'list:c' } }],
      cursor: null,
    })
    expect(await documents.list('none:', { cursor: null, limit: 2 })).toEqual({
      entries: [],
      cursor: null,
    })
  })

  test('a deleted key is not listed', async () => {
    const documents = make()
    await documents.put('unlisted:a', 'text', {})
    await documents.delete('unlisted:a')
    const { entries } = await documents.list('unlisted:', { cursor: null, limit: 10 })
    expect(entries).toEqual([])
  })

  test('a text with an end is there before it', async () => {
    const documents = make()
    await documents.put('ends', 'text', { a: 1 }, { until: Date.now() + 3_600_000 })
    expect(await documents.get('ends')).toEqual({ text: 'text', metadata: { a: 1 } })
  })

  test('a text of three megabytes is read and looked at', async () => {
    const documents = make()
    const text = JSON.stringify({ routes: 'x'.repeat(3_000_000) })
    await documents.put('large', text, { version: 'a' })
    expect((await documents.get('large'))?.text.length).toBe(text.length)
    expect(await documents.getIfChanged('large', ['a'])).toMatchObject({ kind: 'unchanged' })
  })
}
