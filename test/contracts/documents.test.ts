import { describe, expect, test } from 'vitest'
import { MemoryClock } from '../../src/platform/memory/clock.ts'
import { MemoryDocuments } from '../../src/platform/memory/documents.ts'
import { documentsContract } from './documents.ts'

describe('documents in memory', () => documentsContract(() => new MemoryDocuments()))

test('a text in memory is gone at its end, from reads and lists', async () => {
  const clock = new MemoryClock(0)
  const documents = new MemoryDocuments(clock)
  await documents.put('ends', 'text', {}, { until: 5 })
  await clock.advance(4)
  expect(await documents.get('ends')).not.toBeNull()
  await clock.advance(1)
  expect(await documents.get('ends')).toBeNull()
  expect((await documents.list('', { cursor: null, limit: 10 })).entries).toEqual([])
})
