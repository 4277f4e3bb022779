/** What every store of answers does: run on memory, on the Cache API and on Workers KV. */

import { expect, test } from 'vitest'
import type { AnswerHead, AnswerStore, StoredAnswer } from '../../src/cache/answer.ts'
import { streamOf } from '../doubles/streams.ts'

export function headOf(more: Partial<AnswerHead> = {}): AnswerHead {
  return {
    status: 200,
    fields: [['content-type', 'text/plain']],
    requestedAt: 1_000,
    receivedAt: 1_050,
    selecting: [],
    tags: [],
    generation: 7,
    length: null,
    ...more,
  }
}

export function bytesOf(text: string): ArrayBuffer {
  return Uint8Array.from(new TextEncoder().encode(text)).buffer
}

export async function textOf(answer: StoredAnswer | 'absent' | 'fault'): Promise<string | null> {
  if (typeof answer === 'string') throw new Error(answer)
  return answer.body === null ? null : new Response(answer.body).text()
}

/** Every call of `make` may give the same store: each test has keys of its own. */
export function answersContract(make: () => AnswerStore): void {
  test('a key under which nothing was put is absent', async () => {
    expect(await make().get('none')).toBe('absent')
  })

  test('an answer comes back with its head as it was and its body', async () => {
    const store = make()
    const head = headOf({
      status: 404,
      fields: [
        ['content-type', 'text/plain'],
        ['link', '</a>; rel="next"'],
        ['link', '</b>; rel="prev"'],
        ['cache-control', 'private="x", no-cache="y", max-age=0'],
        ['vary', 'accept-language, *'],
        ['x-latin', 'gr\u00fc\u00dfe "quoted" \\ \u00ff'],
      ],
      selecting: [
        ['accept-language', 'de'],
        ['accept', null],
      ],
      tags: ['shop', 'list 1'],
      length: 5,
    })
    expect(await store.put('whole', { head, body: streamOf('he', 'llo') }, 60)).toBe('stored')
    const found = await store.get('whole')
    expect(found).toMatchObject({ head })
    expect(await textOf(found)).toBe('hello')
  })

  test.each([204, 206, 301, 410, 500, 503])('an answer of status %i comes back', async (status) => {
    const store = make()
    const key = `status-${status}`
    expect(await store.put(key, { head: headOf({ status }), body: null }, 60)).toBe('stored')
    expect(await store.get(key)).toEqual({ head: headOf({ status }), body: null })
  })

  test('an empty body is not none', async () => {
    const store = make()
    await store.put('empty', { head: headOf({ length: 0 }), body: bytesOf('') }, 60)
    const found = await store.get('empty')
    expect(found).toMatchObject({ head: { length: 0 } })
    expect(await textOf(found)).toBe('')
  })

  test('a body of bytes comes back, byte for byte', async () => {
    const store = make()
    const bytes = Uint8Array.from({ length: 70_000 }, (_, index) => (index * 31) & 255)
    await store.put('bytes', { head: headOf(), body: bytes.buffer }, 60)
    const found = await store.get('bytes')
    if (typeof found === 'string' || found.body === null) throw new Error('no body')
    expect(new Uint8Array(await new Response(found.body).arrayBuffer())).toEqual(bytes)
  })

  test('what was put can be read as often as it is asked for', async () => {
    const store = make()
    await store.put('often', { head: headOf(), body: streamOf('again') }, 60)
    for (let time = 0; time < 3; time++)
      expect(await textOf(await store.get('often'))).toBe('again')
  })

  test('what is deleted is absent, and may be deleted again', async () => {
    const store = make()
    await store.put('gone', { head: headOf(), body: streamOf('x') }, 60)
    await store.delete('gone')
    await store.delete('gone')
    expect(await store.get('gone')).toBe('absent')
  })

  test('a key is written again after it was deleted', async () => {
    const store = make()
    await store.put('again', { head: headOf(), body: streamOf('one') }, 60)
    await store.delete('again')
    await store.put('again', { head: headOf({ generation: 8 }), body: streamOf('two') }, 60)
    const found = await store.get('again')
    expect(found).toMatchObject({ head: { generation: 8 } })
    expect(await textOf(found)).toBe('two')
  })

  test('a body that breaks off is not kept', async () => {
    const store = make()
    const broken = new ReadableStream<Uint8Array>({
      start: (controller) => controller.enqueue(new Uint8Array(10)),
      pull: (controller) => controller.error(new Error('reset')),
    })
    expect(await store.put('broken', { head: headOf(), body: broken }, 60)).not.toBe('stored')
    expect(await store.get('broken')).toBe('absent')
  })

  test('keys that differ in case, escapes or slashes are different', async () => {
    const store = make()
    const keys = ['k/a', 'k/A', 'k%2Fa', 'k/a?', 'k/../a', 'k a', 'k:ü']
    for (const key of keys) await store.put(key, { head: headOf(), body: streamOf(key) }, 60)
    for (const key of keys) expect(await textOf(await store.get(key))).toBe(key)
  })
}
