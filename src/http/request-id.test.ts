import { expect, test } from 'vitest'
import { makeRequestId } from './request-id.ts'

const hex = (bytes: number) => '0123456789abcdef0123'.slice(0, bytes * 2)

test('a request id is a UUID of version 7 with the time in front', () => {
  const id = makeRequestId(0x0190_1234_5678, hex)
  expect(id).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/)
  expect(id.startsWith('01901234-5678-7')).toBe(true)
})

test('later ids sort after earlier ones', () => {
  expect(makeRequestId(1000, hex) < makeRequestId(1001, hex)).toBe(true)
})
