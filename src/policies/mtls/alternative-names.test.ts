import { expect, test } from 'vitest'
import { CERTIFICATE } from '../../../test/fixtures/certificate.ts'
import { alternativeNamesOf, noNames } from './alternative-names.ts'

const der = Uint8Array.from(atob(CERTIFICATE), (character) => character.charCodeAt(0))

test('the names of a certificate of OpenSSL are found, those of other kinds left out', () => {
  expect(alternativeNamesOf(der)).toEqual({
    dns: ['a.partner.example', 'b.partner.example'],
    uri: ['spiffe://example/partner/7'],
    email: ['ops@partner.example'],
  })
})

test('bytes that are no certificate have no names', () => {
  expect(alternativeNamesOf(new Uint8Array())).toEqual(noNames)
  expect(alternativeNamesOf(Uint8Array.of(0x30, 0x84, 0xff, 0xff, 0xff, 0xff))).toEqual(noNames)
  expect(alternativeNamesOf(Uint8Array.of(0x30, 0x05, 0x30))).toEqual(noNames)
})

test('a certificate that is cut or changed anywhere never makes the reader fail', () => {
  for (let at = 0; at < der.length; at++) {
    const changed = der.slice()
    changed[at] = 0xff
    expect(() => alternativeNamesOf(changed)).not.toThrow()
    expect(() => alternativeNamesOf(der.subarray(0, at))).not.toThrow()
  }
})
