import { expect, test } from 'vitest'
import { isAddressAllowed } from './core.ts'

const only =
  (...addresses: string[]) =>
  (address: string | null) =>
    address !== null && addresses.includes(address)

test('an address in the allow list may call, another may not', () => {
  const rules = { allow: only('a'), deny: null }
  expect(isAddressAllowed('a', rules)).toBe(true)
  expect(isAddressAllowed('b', rules)).toBe(false)
})

test('an address in the deny list may not call, another may', () => {
  const rules = { allow: null, deny: only('a') }
  expect(isAddressAllowed('a', rules)).toBe(false)
  expect(isAddressAllowed('b', rules)).toBe(true)
})

test('deny wins over allow', () => {
  expect(isAddressAllowed('a', { allow: only('a', 'b'), deny: only('a') })).toBe(false)
})

test('an unknown address may not call, whichever list there is', () => {
  expect(isAddressAllowed(null, { allow: null, deny: only('a') })).toBe(false)
  expect(isAddressAllowed(null, { allow: only('a'), deny: null })).toBe(false)
})
