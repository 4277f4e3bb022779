/** What every adapter of TableVersions does: run on memory, and on the Durable Object over Workers KV. */
import { expect, test } from 'vitest'
import { versionOf } from '../../src/config/version.ts'
import type { Documents, IfMatch, TableVersions } from '../../src/platform/ports.ts'

export interface Subject {
  readonly versions: TableVersions
  readonly documents: Documents
  /** Lets the clock of the adapter go on until the work is done. */
  until<Value>(work: Promise<Value>): Promise<Value>
}

const build = 'build-1'

/** What other tools write beside a text. */
const withNothing = {}

export function textOf(name: string): string {
  return JSON.stringify({ version: 1, routes: [{ name }] })
}

export function tableVersionsContract(make: () => Subject): void {
  async function setUp() {
    const subject = make()
    const { versions, until } = subject
    const put = async (name: string, ifMatch: IfMatch = null) => {
      const text = textOf(name)
      const version = await versionOf(text)
      return until(versions.put({ text, version, routes: 1, build, ifMatch }))
    }
    const current = async () => {
      const read = await until(versions.read('current'))
      return read.kind === 'read' ? read.text : read.kind
    }
    return { ...subject, put, current }
  }

  test('an owner without a table has none to read', async () => {
    const { versions, until } = await setUp()
    expect(await until(versions.read('current'))).toEqual({ kind: 'empty' })
  })

  test('a table that is put is current, and stands under its three keys', async () => {
    const { put, current, documents } = await setUp()
    const outcome = await put('a')
    const version = await versionOf(textOf('a'))
    expect(outcome).toMatchObject({ kind: 'put', version })
    expect(await current()).toBe(textOf('a'))
    for (const key of ['routes', 'routes:good', `routes:v:${version}`]) {
      expect(await documents.get(key)).toMatchObject({ text: textOf('a'), metadata: { version } })
    }
    expect(await documents.metadata('routes:good')).toMatchObject({ build })
  })

  test('a version is listed with its time, size and number of routes', async () => {
    const { put, versions, until } = await setUp()
    await put('a')
    const found = await until(versions.read('current'))
    expect(found).toMatchObject({
      versions: [{ sizeBytes: textOf('a').length, routes: 1, at: expect.stringMatching(/Z$/) }],
    })
  })

  test('of two changes to the same version exactly one wins', async () => {
    const { put, current } = await setUp()
    await put('a')
    const version = await versionOf(textOf('a'))
    const outcomes = await Promise.all([put('b', [version]), put('c', [version])])
    expect(outcomes.map(({ kind }) => kind).sort()).toEqual(['conflict', 'put'])
    const winner = outcomes[0]?.kind === 'put' ? 'b' : 'c'
    expect(await current()).toBe(textOf(winner))
  })

  test('a conflict names the version in force', async () => {
    const { put } = await setUp()
    await put('a')
    expect(await put('b', ['0000000000000000'])).toEqual({
      kind: 'conflict',
      current: await versionOf(textOf('a')),
    })
  })

  test('two changes right after each other are both made', async () => {
    const { versions, until, current } = await setUp()
    // Hashed before: two hashes at once may end in either order.
    const texts = [textOf('a'), textOf('b')]
    const hashed = await Promise.all(texts.map(versionOf))
    const puts = texts.map((text, index) =>
      versions.put({ text, version: hashed[index]!, routes: 1, build, ifMatch: null }),
    )
    const outcomes = await until(Promise.all(puts))
    expect(outcomes.map(({ kind }) => kind)).toEqual(['put', 'put'])
    expect(await current()).toBe(textOf('b'))
  })

  test('a rollback brings the table from before, and a second one brings it back', async () => {
    const { put, current, versions, until, documents } = await setUp()
    await put('a')
    await put('b')
    const back = { version: null, build, ifMatch: null }
    expect(await until(versions.rollback(back))).toMatchObject({ kind: 'put' })
    expect(await current()).toBe(textOf('a'))
    expect((await documents.get('routes'))?.text).toBe(textOf('a'))
    await until(versions.rollback(back))
    expect(await current()).toBe(textOf('b'))
  })

  test('a rollback to a named version brings that one', async () => {
    const { put, current, versions, until } = await setUp()
    for (const name of ['a', 'b', 'c']) await put(name)
    const version = await versionOf(textOf('a'))
    await until(versions.rollback({ version, build, ifMatch: null }))
    expect(await current()).toBe(textOf('a'))
  })

  test('a rollback to a version that is not in the list is refused', async () => {
    const { put, versions, until } = await setUp()
    const none = { kind: 'unknown-version' }
    await put('a')
    const back = { version: null, build, ifMatch: null }
    expect(await until(versions.rollback(back))).toEqual(none)
    expect(await until(versions.rollback({ ...back, version: '../routes' }))).toEqual(none)
  })

  test('a rollback on another version is a conflict', async () => {
    const { put, versions, until } = await setUp()
    await put('a')
    await put('b')
    const back = { version: null, build, ifMatch: ['0000000000000000'] }
    expect(await until(versions.rollback(back))).toMatchObject({ kind: 'conflict' })
  })

  test('the table before is read without putting it', async () => {
    const { put, current, versions, until } = await setUp()
    await put('a')
    await put('b')
    expect(await until(versions.read('previous'))).toMatchObject({ text: textOf('a') })
    expect(await current()).toBe(textOf('b'))
  })

  test('a table that was written past the owner is taken over', async () => {
    const { put, current, documents, versions, until } = await setUp()
    await put('a')
    await documents.put('routes', textOf('foreign'), withNothing)
    expect(await current()).toBe(textOf('foreign'))
    const version = await versionOf(textOf('foreign'))
    expect(await until(versions.read('current'))).toMatchObject({ current: version })
    expect(await put('b', [await versionOf(textOf('a'))])).toMatchObject({ kind: 'conflict' })
    expect(await put('b', [version])).toMatchObject({ kind: 'put' })
  })

  test('an accepted table that came past the owner becomes the last good one', async () => {
    const { documents, versions, until } = await setUp()
    await documents.put('routes', textOf('foreign'), withNothing)
    const version = await versionOf(textOf('foreign'))
    const accepted = { version, build: 'build-2' }
    expect(await until(versions.confirm(accepted))).toEqual({ kind: 'confirmed' })
    expect(await documents.get('routes:good')).toMatchObject({
      text: textOf('foreign'),
      metadata: { version, build: 'build-2' },
    })
    expect(await until(versions.confirm(accepted))).toEqual({ kind: 'kept' })
  })

  test('a table that is no longer current does not become the last good one', async () => {
    const { put, versions, documents, until } = await setUp()
    await put('a')
    await put('b')
    const version = await versionOf(textOf('a'))
    expect(await until(versions.confirm({ version, build }))).toEqual({ kind: 'kept' })
    expect((await documents.get('routes:good'))?.text).toBe(textOf('b'))
  })

  test('a table that the owner never saw is not confirmed', async () => {
    const { put, versions, until } = await setUp()
    await put('a')
    const stranger = { version: '0123456789abcdef', build }
    expect(await until(versions.confirm(stranger))).toEqual({ kind: 'unknown-version' })
  })

  test('fifty versions are kept with their copies, and older copies are deleted', async () => {
    const { put, versions, documents, until } = await setUp()
    for (let index = 0; index < 52; index++) await put(`t${index}`)
    const found = await until(versions.read('current'))
    expect(found.kind === 'read' && found.versions.length).toBe(50)
    const copyOf = async (index: number) =>
      documents.get(`routes:v:${await versionOf(textOf(`t${index}`))}`)
    expect(await copyOf(1)).toBeNull()
    expect(await copyOf(2)).not.toBeNull()
    expect(await copyOf(51)).not.toBeNull()
  })
}
