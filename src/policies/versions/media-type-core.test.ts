import { expect, test } from 'vitest'
import { askedVersions, markType, replaceVersion } from './media-type-core.ts'

const parameter = { kind: 'parameter', name: 'version' } as const
const vendor = { kind: 'vendor', vendor: 'acme' } as const

test.each([
  ['application/json', []],
  ['application/json; version=2', ['2']],
  ['application/json;Version="2024-01-01"', ['2024-01-01']],
  ['text/html, application/json;version=1;q=0.5, application/json;version=2', ['2', '1']],
  ['application/json;version=1;q=0', []],
  ['application/json;version=1;q=x', ['1']],
  ['application/json;x="a,b;version=3";version=1', ['1']],
  ['version=1', []],
  ['application/json;version="1', ['']],
  ['', []],
])('%j asks for %j by a parameter', (list, versions) => {
  expect(askedVersions(list, parameter)).toEqual(versions)
})

test.each([
  ['application/vnd.acme.v2+json', ['v2']],
  ['application/VND.Acme.V2+JSON, */*', ['v2']],
  ['application/vnd.acme.2024-01-01', ['2024-01-01']],
  ['application/vnd.acme.v1+json;q=0.1, application/vnd.acme.v2+xml', ['v2', 'v1']],
  ['application/vnd.acme+json', []],
  ['application/vnd.other.v2+json', []],
])('%j asks for %j by a type of the vendor', (list, versions) => {
  expect(askedVersions(list, vendor)).toEqual(versions)
})

test('of a list without end the first members count', () => {
  const list = `${'a/b,'.repeat(32)}a/b;version=1`
  expect(askedVersions(list, parameter)).toEqual([])
})

test.each([
  ['application/json;version=1;q=0.5, */*', 'application/json; q=0.5, */*', null],
  ['application/json;version=1;q=0.5', 'application/json; version=3; q=0.5', '3'],
  ['text/html,application/json', 'text/html, application/json', '3'],
])('%j goes on as %j with a version of %j', (list, replaced, version) => {
  expect(replaceVersion(list, parameter, version)).toBe(replaced)
})

test.each([
  ['application/vnd.acme.v1+json', 'application/json', null],
  ['application/vnd.acme.v1', 'application/json', null],
  ['application/vnd.acme.v1+XML;q=0.5, text/*', 'application/xml; q=0.5, text/*', null],
  ['application/vnd.acme.v1+json', 'application/vnd.acme.v3+json', '3'],
  ['application/vnd.other.v1+json', 'application/vnd.other.v1+json', null],
])('of the vendor %j goes on as %j with a version of %j', (list, replaced, version) => {
  expect(replaceVersion(list, vendor, version)).toBe(replaced)
})

test.each([
  ['application/json', parameter, 'application/json; version=v1'],
  [
    'application/json; version=v3; charset=utf-8',
    parameter,
    'application/json; charset=utf-8; version=v1',
  ],
  ['text/plain', parameter, 'text/plain; version=v1'],
  ['application/json; charset=utf-8', vendor, 'application/vnd.acme.v1+json; charset=utf-8'],
  ['application/hal+json', vendor, 'application/hal+json'],
  ['application/pdf', vendor, 'application/pdf'],
  ['nonsense', parameter, 'nonsense'],
])('an answer of %j says by a %o that it is %j', (type, place, marked) => {
  expect(markType(type, place, 'v1')).toBe(marked)
})
