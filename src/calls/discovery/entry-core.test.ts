import { expect, test } from 'vitest'
import { diffEntries, nameList, readEntries, readEntry, urlAt } from './entry-core.ts'

test('a URL alone is a target of weight 1', () => {
  expect(readEntry('http://10.0.0.1:8080/base')).toEqual({
    url: 'http://10.0.0.1:8080/base',
    weight: 1,
    priority: 0,
    zone: null,
    draining: false,
  })
})

test('an object says more', () => {
  const listed = { url: 'https://a', weight: 0, priority: 2, zone: 'EU', draining: true, other: 1 }
  const { other: _, ...entry } = listed
  expect(readEntry(listed)).toEqual(entry)
})

test.each([
  'ftp://a',
  'file:///etc/passwd',
  'http://user:secret@a',
  'http://a/?q',
  'http://a/#f',
  'http://a:0',
  'http://a:99999',
  'http://a/x/../y',
  'http://a b',
  'binding://KV',
  'javascript:alert(1)',
  '//a',
  '',
])('"%s" is no target that a source may name', (url) => {
  expect(readEntry(url)).toBeNull()
})

test.each([
  [{}],
  [{ url: 7 }],
  [{ url: 'http://a', weight: -1 }],
  [{ url: 'http://a', weight: 1.5 }],
  [{ url: 'http://a', weight: '2' }],
  [{ url: 'http://a', priority: 101 }],
  [{ url: 'http://a', zone: 'Europe' }],
  [{ url: 'http://a', draining: 'yes' }],
  [null],
  [7],
  [['http://a']],
])('%j is no target', (listed) => {
  expect(readEntry(listed)).toBeNull()
})

test('a list is sorted, has each target once, and counts what was none', () => {
  const { entries, refused } = readEntries([
    'http://b',
    'nothing',
    'http://a',
    { url: 'http://b', weight: 9 },
  ])
  expect(entries.map(({ url, weight }) => [url, weight])).toEqual([
    ['http://a', 1],
    ['http://b', 1],
  ])
  expect(refused).toBe(1)
})

test('of more targets than an upstream may have the rest is refused', () => {
  const listed = Array.from({ length: 1_003 }, (_, index) => `http://a${index}`)
  const { entries, refused } = readEntries(listed)
  expect([entries.length, refused]).toEqual([1_000, 3])
})

test.each([
  ['10.0.0.1', 8080, null, 'http://10.0.0.1:8080'],
  ['10.0.0.1', 443, null, 'https://10.0.0.1:443'],
  ['10.0.0.1', 443, 'http', 'http://10.0.0.1:443'],
  ['2001:db8::1', 80, null, 'http://[2001:db8::1]:80'],
  ['a.example.com', null, 'https', 'https://a.example.com'],
] as const)('%s and port %s, scheme %s, is %s', (host, port, scheme, url) => {
  expect(urlAt(host, port, scheme)).toBe(url)
})

test('lists that differ have different names', () => {
  const names = [['http://a'], ['http://b'], ['http://a', 'http://b'], []].map((list) =>
    nameList(readEntries(list).entries),
  )
  expect(new Set(names).size).toBe(4)
})

test('what came and what went is told apart', () => {
  const before = readEntries(['http://a', 'http://b']).entries
  const after = readEntries(['http://b', 'http://c']).entries
  expect(diffEntries(before, after)).toEqual({ added: ['http://c'], removed: ['http://a'] })
})
