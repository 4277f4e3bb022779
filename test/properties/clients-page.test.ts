/** The tables of docs/guides/clients.md, against the example that the guide is about. */
import { readFileSync } from 'node:fs'
import { gzipSync } from 'node:zlib'
import { expect, test } from 'vitest'
import { readJson } from '../../src/config/json.ts'
import { encodeBody } from '../../src/formats/encode.ts'
import { makeGateway } from '../gateway.ts'

const read = (path: string) => readFileSync(new URL(`../../${path}`, import.meta.url), 'utf8')
const example = readJson(read('examples/19-clients.routes.json'), { comments: true })
if (example.kind !== 'read') throw new Error('the example is no JSON')
const { ask } = makeGateway(example.value as object, { secrets: { ACME_PASSWORD: 'secret' } })

const rows = read('docs/guides/clients.md')
  .split('\n')
  .filter((line) => line.startsWith('|'))
  .map((line) =>
    line
      .split('|')
      .slice(1, -1)
      .map((cell) => cell.trim()),
  )
const clients = rows.filter(([, , , type]) => type?.startsWith('application/'))
const sizes = rows.filter((row) => row.length === 6 && /^\d+$/.test(row[1] ?? ''))

function fieldsOf(cell: string): Record<string, string> {
  const fields = [...cell.matchAll(/`([^`:]+): ([^`]+)`/g)]
  return Object.fromEntries(fields.map(([, name = '', value = '']) => [name, value]))
}

test('the guide has its rows', () => {
  expect([clients.length, sizes.length]).toEqual([12, 3])
})

test.each(clients)('%s %s has the profile %s', async (query, fields, profile, type, bytes) => {
  const target = `/products/p_104${query?.replaceAll('`', '')}`
  const response = await ask({ target, headers: fieldsOf(fields ?? '') })
  expect(response.headers.get('x-profile')).toBe(profile)
  expect(response.headers.get('content-type')).toBe(type)
  const { byteLength } = await response.arrayBuffer()
  expect(String(response.ok ? byteLength : response.status)).toBe(bytes)
})

test('the sizes are those that were measured', async () => {
  const get = async (headers: Record<string, string>) =>
    (await ask({ target: '/products/p_104', headers })).json()
  const values = [
    await get({ 'X-Client': 'device', Accept: 'application/json' }),
    await get({ Authorization: 'Basic YWNtZTpzZWNyZXQ=' }),
    {
      sensor: 's-17',
      unit: 'C',
      readings: Array.from({ length: 60 }, (_, at) => ({
        at: 1767323045 + 60 * at,
        value: 20 + (at % 7) / 4,
        ok: true,
      })),
    },
  ]
  for (const [at, value] of values.entries()) {
    const [json, zipped, cbor, msgpack, zippedCbor] = sizes[at]?.slice(1).map(Number) ?? []
    const text = Buffer.from(JSON.stringify(value))
    const bytes = bytesOf(value, 'cbor')
    const exact = [text.length, bytes.length, bytesOf(value, 'msgpack').length]
    expect([json, cbor, msgpack]).toEqual(exact)
    // How well gzip does is a matter of the library's version.
    expect(gzipSync(text).length / (zipped ?? 0)).toBeCloseTo(1, 1)
    expect(gzipSync(bytes).length / (zippedCbor ?? 0)).toBeCloseTo(1, 1)
  }
})

function bytesOf(value: unknown, format: 'cbor' | 'msgpack'): Uint8Array {
  const encoded = encodeBody(value, format, {})
  if (encoded.kind !== 'bytes' || typeof encoded.bytes === 'string') throw new Error('no bytes')
  return new Uint8Array(encoded.bytes)
}
