import { expect, test } from 'vitest'
import { type ExchangeParts, makeExchange, START } from '../../test/exchange.ts'
import { buildMatcher } from '../match/matcher.ts'
import { bindTemplate, type TemplateContext } from './template.ts'
import { readAttribute } from './vocabulary.ts'

const render = (text: string, context: TemplateContext, parts: ExchangeParts = {}) =>
  bindTemplate(text, context).render(makeExchange(parts))

const url = 'https://api.example.com:8443/a%20b/c?x=1%202&x=3&path=a/b&empty='
const request: ExchangeParts = {
  url,
  method: 'POST',
  headers: { 'X-Tenant': 'shop', cookie: 'a=1; session=s.1' },
  params: { id: '7' },
  route: 'users',
  client: {
    address: '2001:db8::1',
    country: 'DE',
    continent: 'EU',
    asn: 3320,
    colo: 'FRA',
  },
}

test.each([
  ['client.ip', '2001:db8::1'],
  ['client.country', 'DE'],
  ['client.continent', 'EU'],
  ['client.asn', '3320'],
  ['client.colo', 'FRA'],
  ['params.id', '7'],
  ['query.x', '1 2'],
  ['header.x-tenant', 'shop'],
  ['header.X-Tenant', 'shop'],
  ['cookie.session', 's.1'],
  ['request.id', 'request-1'],
  ['request.method', 'POST'],
  ['request.host', 'api.example.com'],
  ['request.path', '/a%20b/c'],
  ['route.name', 'users'],
  ['now.seconds', String(START / 1000)],
])('%s reads %j', (name, value) => {
  expect(readAttribute(name)?.(makeExchange(request))).toBe(value)
  expect(render(`<\${${name}}>`, 'plain', request)).toBe(`<${value}>`)
})

test.each([
  'client.ip',
  'client.country',
  'client.asn',
  'params.id',
  'params.constructor',
  'query.x',
  'query.empty',
  'header.x-tenant',
  'header.__proto__',
  'cookie.session',
  'route.name',
])('%s is empty where the request does not have it', (name) => {
  expect(render(`\${${name}}`, 'plain', { client: { address: null } })).toBe('')
})

test('a text without names is constant', () => {
  const template = bindTemplate('a$${b}', 'header')
  expect(template.constant).toBe('a${b}')
})

test('a text that is no template cannot be bound', () => {
  expect(() => bindTemplate('${nobody}', 'plain')).toThrow(TypeError)
})

const withParam = (v: string): ExchangeParts => ({ params: { v } })

test.each([
  ['a plain value', 'a-b_c.d~e', 'a-b_c.d~e'],
  ['a slash stays within the segment', 'a/b', 'a%2Fb'],
  ['a backslash', 'a\\b', 'a%5Cb'],
  ['a question mark and a hash', 'a?b#c', 'a%3Fb%23c'],
  ['a percent sign', '%2e%2e', '%252e%252e'],
  ['a semicolon', 'a;b', 'a%3Bb'],
  ['sub-delims that a segment may have', "a:@!&'()*+,=b", "a:@!&'()*+,=b"],
  ['letters of other scripts', 'é€', '%C3%A9%E2%82%AC'],
  ['a lone surrogate', '\uD800', '%EF%BF%BD'],
  ['dots that are no dot segment', '...', '...'],
])('in a path, %s is encoded', (_what, value, encoded) => {
  expect(render('/x/${params.v}/y', 'path', withParam(value))).toBe(`/x/${encoded}/y`)
})

test.each(['', '.', '..'])('in a path, %j is refused', (value) => {
  expect(render('/x/${params.v}', 'path', withParam(value))).toMatchObject({
    kind: 'refused',
    code: 'PATH_VALUE_INVALID',
  })
})

test('a refusal names the value and does not show it', () => {
  expect(render('/${query.path}', 'path', { url: 'https://a.example/?path=..' })).toMatchObject({
    detail: expect.stringContaining('query.path'),
  })
})

test('the rest of a path keeps its segments', () => {
  const parts = { params: { path: 'a b/c/' }, pattern: '/files/*path' }
  expect(render('/store/${params.path}', 'path', parts)).toBe('/store/a%20b/c/')
})

test('the rest of a path may be empty', () => {
  const parts = { params: { path: '' }, pattern: '/files/*path' }
  expect(render('/store/${params.path}', 'path', parts)).toBe('/store/')
})

test('a slash that was escaped in the rest of a path stays escaped, as often as it was', () => {
  const parts = { params: { path: '@scope%2Fname/50%/%252F' }, pattern: '/files/*path' }
  expect(render('/store/${params.path}', 'path', parts)).toBe('/store/@scope%2Fname/50%25/%252F')
})

test('a named group of a regular expression keeps its slashes, and may not be empty', () => {
  const pattern = '^/files/(?<path>.*)$'
  expect(render('/x/${params.path}', 'path', { params: { path: 'a/b' }, pattern })).toBe('/x/a/b')
  expect(render('/x/${params.path}', 'path', { params: { path: '' }, pattern })).toMatchObject({
    code: 'PATH_VALUE_INVALID',
  })
})

test('the rest of a path has no dot segments', () => {
  const parts = { params: { path: 'a/../b' }, pattern: '/files/*path' }
  expect(render('/store/${params.path}', 'path', parts)).toMatchObject({
    code: 'PATH_VALUE_INVALID',
  })
})

test('the path of the request goes into a path as it is', () => {
  expect(render('/old${request.path}', 'path', request)).toBe('/old/a%20b/c')
})

test("the operator's own text in a path may have letters of any script", () => {
  expect(bindTemplate('/café/%2F', 'path').constant).toBe('/caf%C3%A9/%2F')
})

test.each([
  ['query', 'a&b=c d+é', 'a%26b%3Dc%20d%2B%C3%A9'],
  ['json', '"\n\\', '\\"\\n\\\\'],
  ['html', `<a href="x" title='y'>&`, '&lt;a href=&quot;x&quot; title=&#39;y&#39;&gt;&amp;'],
  ['regex', '$1', '%241'],
  ['header', 'a b,c', 'a b,c'],
  ['plain', '<"\n', '<"\n'],
] as const)('for %s, %j is written as it has to be', (context, value, encoded) => {
  expect(render('${params.v}', context, withParam(value))).toBe(encoded)
})

test('the path of the request cannot refer to groups of a replacement', () => {
  const parts = { url: 'https://a.example/a$1' }
  const rendered = render('/x${request.path}', 'regex', parts)
  expect('/found'.replace(/^\/found/, rendered as string)).toBe('/x/a$1')
})

test('text in a JSON string is escaped as well: it was parsed', () => {
  expect(render('say "${params.v}"', 'json', withParam('"'))).toBe('say \\"\\"\\"')
})

test.each(['a\rb', 'a\nb', 'a\0b'])('for a header, %j is refused', (value) => {
  expect(render('x${params.v}', 'header', withParam(value))).toMatchObject({
    kind: 'refused',
    code: 'HEADER_VALUE_INVALID',
  })
})

test('the rest of a path comes out of a template as it stood in the request', () => {
  const matcher = buildMatcher([{ route: 0, match: [{ path: '/files/*path' }] }])
  for (const rest of ['a/b', '%2F', '%252F', '%25252F', '%25', '%252', 'a//b', '%C3%A9', '']) {
    const exchange = makeExchange({ url: `https://a.example/files/${rest}` })
    const found = matcher.find(exchange.subject)
    if (found.kind !== 'matched') throw new TypeError(found.kind)
    exchange.params = found.params
    exchange.event.path = found.pattern
    const path = bindTemplate('/files/${params.path}', 'path').render(exchange)
    expect(path).toBe(`/files/${rest}`)
  }
})

const caller: ExchangeParts = {
  identity: {
    authority: 'jwt:https://id.example.com',
    subject: 'u7',
    claims: {
      sub: 'u7',
      level: 3,
      ok: false,
      none: null,
      realm: { roles: ['a', 'b'], 'x.y': 'deep' },
      'https://example.com/tenant': 't1',
      'a.b': 'whole',
      a: { b: 'path' },
    },
    roles: [],
    scopes: [],
    permissions: [],
    consumer: { name: 'app', plan: 'gold', roles: [], metadata: {} },
  },
}

test.each([
  ['claims.sub', 'u7'],
  ['claims.level', '3'],
  ['claims.ok', 'false'],
  ['claims.none', ''],
  ['claims.absent', ''],
  ['claims.realm.roles', '["a","b"]'],
  ['claims.realm.roles.0', 'a'],
  ['claims.realm.roles.length', ''],
  ['claims.realm.absent.more', ''],
  ['claims.sub.length', ''],
  ['claims.https://example.com/tenant', 't1'],
  ['claims.a.b', 'whole'],
  ['claims.constructor', ''],
  ['claims.__proto__', ''],
  ['consumer.name', 'app'],
  ['consumer.plan', 'gold'],
])('%s of a known caller is %j', (name, value) => {
  expect(render(`\${${name}}`, 'plain', caller)).toBe(value)
})

test.each(['claims.sub', 'consumer.name', 'consumer.plan'])(
  '%s of an anonymous caller is empty',
  (name) => {
    expect(render(`\${${name}}`, 'plain')).toBe('')
  },
)

test('a caller that is no consumer has no name, whatever its subject', () => {
  const identity = { ...caller.identity!, subject: 'app', consumer: null }
  expect(render('${consumer.name}${consumer.plan}', 'plain', { identity })).toBe('')
})
