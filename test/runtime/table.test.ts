import { abortAllDurableObjects, reset } from 'cloudflare:test'
import { afterEach, describe, expect, test } from 'vitest'
import { versionOf } from '../../src/config/version.ts'
import { bindDocuments } from '../../src/platform/cloudflare/documents.ts'
import { bindTableVersions } from '../../src/platform/cloudflare/table-ports.ts'
import { runtimeTimers } from '../../src/platform/timers.ts'
import { tableVersionsContract, textOf } from '../contracts/table-versions.ts'
import { bindings } from './bindings.ts'

afterEach(() => reset())

function makeSubject() {
  return {
    documents: bindDocuments(bindings.KV),
    versions: bindTableVersions(bindings.TABLE, runtimeTimers),
    until: <Value>(work: Promise<Value>) => work,
  }
}

const build = 'build-1'

describe('the owner of the version in its Durable Object', () => {
  tableVersionsContract(makeSubject)

  test('the book survives a restart of the object', async () => {
    const { versions } = makeSubject()
    for (const name of ['a', 'b']) {
      const version = await versionOf(textOf(name))
      await versions.put({ text: textOf(name), version, routes: 1, build, ifMatch: null })
    }
    const before = await versions.read('current')
    await abortAllDurableObjects()
    expect(await versions.read('current')).toEqual(before)
    expect(await versions.rollback({ version: null, build, ifMatch: null })).toMatchObject({
      kind: 'put',
      version: await versionOf(textOf('a')),
    })
  })

  test('of twenty changes at once to the same version exactly one wins', async () => {
    const { versions } = makeSubject()
    const first = await versionOf(textOf('first'))
    const change = async (name: string, ifMatch: readonly string[] | null) => {
      const version = await versionOf(textOf(name))
      return versions.put({ text: textOf(name), version, routes: 1, build, ifMatch })
    }
    await change('first', null)
    const names = Array.from({ length: 20 }, (_, index) => `change-${index}`)
    const outcomes = await Promise.all(names.map((name) => change(name, [first])))
    expect(outcomes.filter(({ kind }) => kind === 'put')).toHaveLength(1)
    expect(outcomes.filter(({ kind }) => kind === 'conflict')).toHaveLength(19)
  })

  test('a table of three megabytes is put and read', async () => {
    const { versions } = makeSubject()
    const text = textOf('x'.repeat(3_000_000))
    const version = await versionOf(text)
    await versions.put({ text, version, routes: 1, build, ifMatch: null })
    const read = await versions.read('current')
    expect(read.kind === 'read' && read.text.length).toBe(text.length)
  })
})
