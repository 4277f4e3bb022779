import { expect, test } from 'vitest'
import type { Target } from '../../match/target.ts'
import { buildLocation, type RedirectParts } from './core.ts'

const target: Target = {
  scheme: 'http',
  authority: 'a.example.com:8080',
  host: 'a.example.com',
  port: '8080',
  path: '/old/x',
  query: '?q=1',
}
const same: RedirectParts = {
  scheme: undefined,
  host: undefined,
  port: undefined,
  path: undefined,
  query: undefined,
}

test.each<[Partial<RedirectParts>, string]>([
  [{}, 'http://a.example.com:8080/old/x?q=1'],
  [{ path: '/new' }, 'http://a.example.com:8080/new?q=1'],
  [{ query: '' }, 'http://a.example.com:8080/old/x'],
  [{ query: 'z=2' }, 'http://a.example.com:8080/old/x?z=2'],
  [{ scheme: 'https', port: 443 }, 'https://a.example.com/old/x?q=1'],
  [{ host: 'b.example.com' }, 'http://b.example.com:8080/old/x?q=1'],
])('what is not given stays as in the request: %j', (parts, location) => {
  expect(buildLocation(target, { ...same, ...parts })).toBe(location)
})

test('the default port of the old scheme is no port of the new one', () => {
  const plain: Target = { ...target, authority: 'a.example.com:80', port: '80' }
  expect(buildLocation(plain, { ...same, scheme: 'https' })).toBe('https://a.example.com/old/x?q=1')
})
