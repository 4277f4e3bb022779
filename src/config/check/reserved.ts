/** A name that only the gateway may write is taken out of every request: a credential under it would never be seen. */
import { spelling } from '../../http/headers.ts'
import type { PolicyEntry } from '../../policies/registry.ts'
import { definitionOf } from '../entries.ts'
import type { Problem } from '../problem.ts'
import type { RouteTable } from '../schema.ts'
import { refused } from './note.ts'
import { placedEntries } from './placed.ts'

export function checkReserved(table: RouteTable): Problem[] {
  const entries = placedEntries(table)
  const read = new Set(entries.flatMap(({ entry }) => fieldsRead(entry)).map(spelling))
  return entries.flatMap(({ entry, path }) => {
    const reserved = definitionOf(entry).reserves?.(entry) ?? []
    return reserved
      .filter((name) => read.has(spelling(name.toLowerCase())))
      .map((name) => {
        const expected = 'header fields in which no credential stands'
        const message = `expected ${expected}, found "${name}": as a field that only the gateway writes it is removed from every request`
        return refused(path, 'CREDENTIAL_RESERVED', message, { found: `"${name}"`, expected })
      })
  })
}

/** Where each kind looks unless `from` says otherwise. */
const usual: Readonly<Record<string, readonly string[]>> = {
  jwt: ['authorization'],
  introspection: ['authorization'],
  'basic-auth': ['authorization'],
  'api-key': ['x-api-key'],
  hmac: ['signature', 'signature-input', 'content-digest'],
}

function fieldsRead(entry: PolicyEntry): readonly string[] {
  if (!Object.hasOwn(usual, entry.use)) return []
  const { from } = entry as { readonly from?: Place | readonly Place[] }
  if (from === undefined) return usual[entry.use] ?? []
  return [from].flat().flatMap(({ header, cookie }) => {
    if (header !== undefined) return [header.toLowerCase()]
    return cookie === undefined ? [] : ['cookie']
  })
}

interface Place {
  readonly header?: string
  readonly cookie?: string
}
