import { expect, test } from 'vitest'
import { readAddress } from './address.ts'

test.each([
  ['192.0.2.1', '192.0.2.1'],
  ['192.0.2.1:80', '192.0.2.1'],
  ['[2001:db8::1]:80', '2001:db8::1'],
  ['[2001:db8::1]', '2001:db8::1'],
  ['2001:DB8::1', '2001:db8::1'],
  ['fe80::1%eth0', 'fe80::1'],
  ['::ffff:192.0.2.1', '192.0.2.1'],
  ['[::FFFF:192.0.2.1]:80', '192.0.2.1'],
])('%s is the address %s', (text, address) => {
  expect(readAddress(text)).toBe(address)
})

test.each([
  null,
  '',
  'unknown',
  'example.com',
  '192.0.2',
  '192.0.2.256',
  '192.0.2.01',
  '1.2.3.4.5',
  '[::1',
  ':::',
  '10.0.0.0/8',
  '2001:db8::/32',
  '::ffff:999.0.0.1',
])('%s is no address', (text) => {
  expect(readAddress(text)).toBeNull()
})
