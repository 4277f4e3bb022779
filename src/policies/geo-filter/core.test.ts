import { expect, test } from 'vitest'
import { isLocationAllowed, type Places } from './core.ts'

const places = (parts: {
  countries?: string[]
  continents?: string[]
  asns?: number[]
}): Places => ({
  countries: new Set(parts.countries),
  continents: new Set(parts.continents),
  asns: new Set(parts.asns),
})
const berlin = { country: 'DE', continent: 'EU', asn: 3320 }
const unknown = { country: null, continent: null, asn: null }

test.each([
  ['its country', { countries: ['FR', 'DE'] }, true],
  ['its continent', { continents: ['EU'] }, true],
  ['its network', { asns: [3320] }, true],
  ['one of several lists', { countries: ['FR'], asns: [3320] }, true],
  ['no list', { countries: ['FR'], continents: ['AS'], asns: [1] }, false],
])('a place that is in %s is allowed accordingly', (_where, allow, expected) => {
  expect(isLocationAllowed(berlin, { allow: places(allow), deny: null })).toBe(expected)
})

test('deny wins over allow', () => {
  const rules = { allow: places({ continents: ['EU'] }), deny: places({ countries: ['DE'] }) }
  expect(isLocationAllowed(berlin, rules)).toBe(false)
})

test('an unknown place is denied by an allow list and not by a deny list', () => {
  const eu = places({ continents: ['EU'] })
  expect(isLocationAllowed(unknown, { allow: eu, deny: null })).toBe(false)
  expect(isLocationAllowed(unknown, { allow: null, deny: eu })).toBe(true)
})
