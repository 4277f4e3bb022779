import { expect, test } from 'vitest'
import { attributesOf, parseTemplate } from './parse.ts'

test('a text without names is one part', () => {
  expect(parseTemplate('a $b {c} $')).toEqual({
    kind: 'template',
    parts: [{ kind: 'text', text: 'a $b {c} $' }],
  })
})

test('an empty text is a template', () => {
  expect(parseTemplate('')).toEqual({ kind: 'template', parts: [{ kind: 'text', text: '' }] })
})

test('text and names alternate', () => {
  expect(parseTemplate('/${params.id}/x${query.a.b}')).toEqual({
    kind: 'template',
    parts: [
      { kind: 'text', text: '/' },
      { kind: 'attribute', name: 'params.id' },
      { kind: 'text', text: '/x' },
      { kind: 'attribute', name: 'query.a.b' },
    ],
  })
})

test('a doubled dollar is a literal placeholder', () => {
  expect(parseTemplate('a$${client.ip}b${client.ip}')).toEqual({
    kind: 'template',
    parts: [
      { kind: 'text', text: 'a${client.ip}b' },
      { kind: 'attribute', name: 'client.ip' },
    ],
  })
})

test('a dollar right after a name is no escape of the next', () => {
  expect(parseTemplate('${client.ip}${client.ip}')).toMatchObject({
    parts: [{ name: 'client.ip' }, { name: 'client.ip' }],
  })
})

test.each([
  'client.ip',
  'client.country',
  'client.continent',
  'client.asn',
  'client.colo',
  'params.id',
  'query.page[size]',
  'header.X-Tenant',
  'cookie.session',
  'request.id',
  'request.method',
  'request.host',
  'request.path',
  'consumer.name',
  'consumer.plan',
  'claims.sub',
  'claims.a.b',
  'claims.https://example.com/tenant',
  'route.name',
  'now.seconds',
])('%s is in the vocabulary', (name) => {
  expect(parseTemplate(`\${${name}}`).kind).toBe('template')
})

test.each([
  '',
  ' client.ip',
  'client',
  'client.port',
  'params.',
  'params.a-b',
  'header.',
  'header.a b',
  'consumer',
  'consumer.roles',
  'consumer.sub',
  'claims',
  'claims.',
  'claims.a..b',
  'claims.a b',
  'constructor',
  '__proto__.x',
  'toString.x',
])('%j is not in the vocabulary', (name) => {
  expect(parseTemplate(`/${'${'}${name}}`)).toMatchObject({ kind: 'invalid', at: 1 })
})

test('a misspelled name is told with the nearest one', () => {
  const parsed = parseTemplate('${clent.ip}')
  expect(parsed).toMatchObject({ kind: 'invalid', reason: expect.stringContaining('"client.ip"') })
})

test('a misspelled family is told with the name that was given', () => {
  const parsed = parseTemplate('x${parms.id}')
  expect(parsed).toMatchObject({ at: 1, reason: expect.stringContaining('"params.id"') })
})

test('a name that does not end is invalid where it begins', () => {
  expect(parseTemplate('ab${client.ip')).toMatchObject({ kind: 'invalid', at: 2 })
})

test('the names of a text are listed once', () => {
  expect(attributesOf('${params.a}${query.b}${params.a}$${params.c}')).toEqual([
    'params.a',
    'query.b',
  ])
})
