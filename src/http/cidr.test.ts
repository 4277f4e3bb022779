import { expect, test } from 'vitest'
import { bindCidrs, isCidr } from './cidr.ts'

test('an address belongs to the blocks that hold it', () => {
  const inside = bindCidrs(['10.0.0.0/8', '192.168.1.7', '2001:db8::/32'])
  expect(inside('10.255.255.255')).toBe(true)
  expect(inside('11.0.0.0')).toBe(false)
  expect(inside('192.168.1.7')).toBe(true)
  expect(inside('192.168.1.8')).toBe(false)
  expect(inside('2001:db8:ffff::1')).toBe(true)
  expect(inside('2001:db9::')).toBe(false)
})

test('an unknown address belongs to no list, not even to one of everything', () => {
  const inside = bindCidrs(['0.0.0.0/0', '::/0'])
  expect(inside(null)).toBe(false)
  expect(inside('')).toBe(false)
  expect(inside('unknown')).toBe(false)
  expect(inside('1.2.3.4:80')).toBe(false)
})

test('an IPv4-mapped IPv6 address is its IPv4 address', () => {
  expect(bindCidrs(['10.0.0.0/8'])('::ffff:10.1.2.3')).toBe(true)
  expect(bindCidrs(['10.0.0.0/8'])('::ffff:a01:203')).toBe(true)
  expect(bindCidrs(['::ffff:10.0.0.0/104'])('10.1.2.3')).toBe(true)
  expect(bindCidrs(['::ffff:10.0.0.0/104'])('11.1.2.3')).toBe(false)
})

test('the families do not match each other', () => {
  expect(bindCidrs(['0.0.0.0/0'])('::1')).toBe(false)
  expect(bindCidrs(['::/0'])('1.2.3.4')).toBe(false)
})

test('bits after the prefix are ignored', () => {
  expect(bindCidrs(['10.1.2.3/8'])('10.200.0.1')).toBe(true)
})

test('ranges that overlap or nest all count', () => {
  const inside = bindCidrs(['10.0.0.0/8', '10.1.0.0/16', '9.255.255.255', '10.0.0.0/9'])
  for (const address of ['10.255.0.0', '10.1.0.1', '9.255.255.255']) {
    expect(inside(address), address).toBe(true)
  }
  expect(inside('9.255.255.254')).toBe(false)
})

test('forms that programs read differently are no addresses', () => {
  const texts = [
    '10.1',
    '010.0.0.1',
    '0x7f.0.0.1',
    '1.2.3.4/33',
    '1.2.3.4/',
    '1.2.3.4/08',
    '::/129',
  ]
  for (const text of [...texts, '1.2.3', '1.2.3.4.', '256.0.0.1', 'fe80::1%eth0/64', 'host', '']) {
    expect(isCidr(text), text).toBe(false)
  }
  for (const text of ['0.0.0.0/0', '::/0', '::1', '1.2.3.4/32', '::ffff:1.2.3.4/96']) {
    expect(isCidr(text), text).toBe(true)
  }
})

test('a list of thousands agrees with a linear search', () => {
  let state = 42
  const next = (below: number) => {
    state = (Math.imul(state, 1_103_515_245) + 12_345) >>> 0
    return Math.floor((state / 2 ** 32) * below)
  }
  const numberOf = (text: string) => text.split('.').reduce((sum, part) => sum * 256 + +part, 0)
  const address = () => `${next(4)}.${next(256)}.${next(256)}.${next(256)}`
  const blocks = Array.from({ length: 3000 }, () => ({ base: address(), length: 14 + next(19) }))
  const inside = bindCidrs(blocks.map(({ base, length }) => `${base}/${length}`))
  for (let round = 0; round < 500; round++) {
    const candidate = address()
    const expected = blocks.some(({ base, length }) => {
      const size = 2 ** (32 - length)
      return Math.floor(numberOf(base) / size) === Math.floor(numberOf(candidate) / size)
    })
    expect(inside(candidate), `seed 42, ${candidate}`).toBe(expected)
  }
})
