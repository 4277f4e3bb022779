import { describe } from 'vitest'
import { MemoryDocuments } from '../../src/platform/memory/documents.ts'
import { documentsContract } from './documents.ts'

describe('documents in memory', () => documentsContract(() => new MemoryDocuments()))
