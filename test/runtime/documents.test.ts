import { reset } from 'cloudflare:test'
import { afterEach, describe, expect, test } from 'vitest'
import { bindDocuments } from '../../src/platform/cloudflare/documents.ts'
import { documentsContract } from '../contracts/documents.ts'
import { bindings } from './bindings.ts'

afterEach(() => reset())

describe('documents in Workers KV', () => {
  documentsContract(() => bindDocuments(bindings.KV))

  test('a text that another tool wrote has nothing beside it', async () => {
    await bindings.KV.put('foreign', 'text')
    const documents = bindDocuments(bindings.KV)
    expect(await documents.getIfChanged('foreign', ['a'])).toEqual({
      kind: 'read',
      text: 'text',
      metadata: null,
    })
    expect(await documents.metadata('foreign')).toBeNull()
  })
})
