import { expect, test } from 'vitest'
import { statedDigests } from './digest.ts'

const SHA256 = 'X48E9qOokqqrvdts8nOJRJN3OWDUoyWxBf7kbu9DBPE='
const bytes = (base64: string) => Uint8Array.from(atob(base64), (c) => c.charCodeAt(0))

test('a SHA-256 is stated, and what is broken or unknown is passed over', () => {
  expect(statedDigests(`md5=:AAAA:, sha-256=:${SHA256}:, x=:AAAA:`)).toEqual([
    { algorithm: 'SHA-256', digest: bytes(SHA256) },
  ])
})

test('both digests are stated where both are there', () => {
  const stated = statedDigests(`sha-512=:AAAA:, sha-256=:${SHA256}:`)
  expect(stated.map(({ algorithm }) => algorithm)).toEqual(['SHA-256', 'SHA-512'])
})

test.each(['', 'sha-256', 'sha-256="text"', `SHA-256=:${SHA256}:`, 'sha-256=:AAAA', 'sha=:AAAA:'])(
  '%j states no usable digest',
  (field) => {
    expect(statedDigests(field)).toEqual([])
  },
)
