import { describe } from 'vitest'
import { versionOf } from '../../src/config/version.ts'
import { MemoryClock } from '../../src/platform/memory/clock.ts'
import { MemoryDocuments } from '../../src/platform/memory/documents.ts'
import { MemoryTableVersions } from '../../src/platform/memory/table-versions.ts'
import { tableVersionsContract } from './table-versions.ts'

describe('the owner of the version in memory', () =>
  tableVersionsContract(() => {
    const clock = new MemoryClock(1_000_000)
    const documents = new MemoryDocuments()
    const parts = { documents, clock, timers: clock, versionOf }
    return { documents, versions: new MemoryTableVersions(parts).start(), until: (work) => work }
  }))
