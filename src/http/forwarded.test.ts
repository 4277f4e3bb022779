import { expect, test } from 'vitest'
import { bindForwarding, type ClientIpRule, readChain } from './forwarded.ts'

const rule = (parts: Partial<ClientIpRule>): ClientIpRule => ({
  source: 'auto',
  trustedHops: 0,
  trustedCidrs: [],
  ...parts,
})
const target = { scheme: 'https', authority: 'api.example.com' }

function write(
  parts: Partial<ClientIpRule>,
  request: { peer: string | null; colo?: string; received?: Record<string, string>; host?: string },
) {
  const { peer, colo = null, received = {}, host = 'api.example.com' } = request
  const forwarding = bindForwarding(rule(parts))
  const address = forwarding.address(peer, colo, received)
  const onward: Record<string, string> = {}
  forwarding.write(onward, {
    received,
    client: { address, colo },
    target: { ...target, authority: host },
    peer,
  })
  return { address, ...onward }
}

test('a peer loses its port', () => {
  expect(write({ source: 'peer' }, { peer: '192.0.2.1:60404' }).address).toBe('192.0.2.1')
})

test('a peer over IPv6 loses its brackets and its port', () => {
  expect(write({ source: 'peer' }, { peer: '[2001:DB8::1]:60404' }).address).toBe('2001:db8::1')
})

test('an IPv4 address mapped into IPv6 is the IPv4 address', () => {
  expect(write({ source: 'peer' }, { peer: '[::ffff:192.0.2.1]:1' }).address).toBe('192.0.2.1')
})

test('a request without a peer has no address', () => {
  expect(write({ source: 'peer' }, { peer: null }).address).toBeNull()
})

test('what a client says of its own address does not count for the peer rule', () => {
  const received = { 'cf-connecting-ip': '198.51.100.9', 'x-forwarded-for': '198.51.100.9' }
  expect(write({ source: 'auto' }, { peer: '192.0.2.1:5', received }).address).toBe('192.0.2.1')
})

test('CF-Connecting-IP is the address where the request came through Cloudflare', () => {
  const received = { 'cf-connecting-ip': '2001:db8::9' }
  expect(write({ source: 'auto' }, { peer: null, colo: 'FRA', received }).address).toBe(
    '2001:db8::9',
  )
})

test('the rule cloudflare reads CF-Connecting-IP wherever it runs', () => {
  const received = { 'cf-connecting-ip': '198.51.100.9' }
  expect(write({ source: 'cloudflare' }, { peer: '10.0.0.1:5', received }).address).toBe(
    '198.51.100.9',
  )
})

test('a CF-Connecting-IP that is no address leaves the client unknown', () => {
  const received = { 'cf-connecting-ip': 'evil"; for=1' }
  expect(write({ source: 'cloudflare' }, { peer: null, received }).address).toBeNull()
})

test('the forwarding fields are written anew, with Via appended to', () => {
  const received = { 'x-forwarded-for': '1.1.1.1', via: '1.0 old' }
  expect(write({ source: 'peer' }, { peer: '192.0.2.1:5', received })).toEqual({
    address: '192.0.2.1',
    forwarded: 'for=192.0.2.1;host=api.example.com;proto=https',
    via: '1.0 old, 1.1 isogate',
    'x-forwarded-for': '192.0.2.1',
    'x-forwarded-host': 'api.example.com',
    'x-forwarded-proto': 'https',
    'x-real-ip': '192.0.2.1',
  })
})

test('an IPv6 address and a host with a port stand in quotes', () => {
  const { forwarded } = write({ source: 'peer' }, { peer: '[::1]:5', host: 'localhost:8787' }) as {
    forwarded?: string
  }
  expect(forwarded).toBe('for="[::1]";host="localhost:8787";proto=https')
})

test('an unknown client is called unknown, and no address is invented', () => {
  const fields = write({ source: 'peer' }, { peer: null })
  expect(fields).toMatchObject({
    forwarded: 'for=unknown;host=api.example.com;proto=https',
    via: '1.1 isogate',
  })
  expect(fields).not.toHaveProperty('x-forwarded-for')
  expect(fields).not.toHaveProperty('x-real-ip')
})

test('T8: X-Forwarded-For of a trusted proxy is appended to, never replaced', () => {
  const received = { 'x-forwarded-for': '6.6.6.6, 198.51.100.9' }
  const fields = write({ source: 'forwarded', trustedHops: 1 }, { peer: '10.0.0.1:5', received })
  expect(fields).toMatchObject({
    address: '198.51.100.9',
    'x-forwarded-for': '198.51.100.9, 10.0.0.1',
    forwarded: 'for=198.51.100.9, for=10.0.0.1;host=api.example.com;proto=https',
  })
})

test('forwarded with nothing trusted believes only the peer', () => {
  const received = { 'x-forwarded-for': '6.6.6.6' }
  expect(write({ source: 'forwarded' }, { peer: '10.0.0.1:5', received })).toMatchObject({
    address: '10.0.0.1',
    'x-forwarded-for': '10.0.0.1',
  })
})

test('trusted blocks are passed from the right up to the first address outside them', () => {
  const received = { 'x-forwarded-for': '6.6.6.6, 198.51.100.9, 10.1.1.1' }
  expect(
    write({ source: 'forwarded', trustedCidrs: ['10.0.0.0/8'] }, { peer: '10.0.0.1:5', received }),
  ).toMatchObject({
    address: '198.51.100.9',
    'x-forwarded-for': '198.51.100.9, 10.1.1.1, 10.0.0.1',
  })
})

test.each([
  ['more hops than entries end at the first entry', 9, '1.1.1.1, 2.2.2.2', '1.1.1.1'],
  ['entries with ports lose them', 1, '1.1.1.1:99', '1.1.1.1'],
  ['a missing field leaves the peer', 2, undefined, '10.0.0.1'],
  ['an entry that is no address leaves the client unknown', 1, '1.1.1.1, unknown', undefined],
  ['what stands beyond the trusted part is not even read', 1, 'nonsense, 2.2.2.2', '2.2.2.2'],
])('%s', (_sentence, hops, field, client) => {
  expect(readChain('10.0.0.1', field, (distance) => distance < hops)[0]).toBe(client)
})
