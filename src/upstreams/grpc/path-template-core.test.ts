import fc from 'fast-check'
import { expect, test } from 'vitest'
import { compareTemplates, matchPath, parsePathTemplate, splitPath } from './path-template-core.ts'

function match(template: string, path: string): Record<string, string> | null {
  const parsed = parsePathTemplate(template)
  if (parsed === null) throw new TypeError(`no template: ${template}`)
  const values = matchPath(parsed, splitPath(path))
  return values && Object.fromEntries(values.map(({ field, value }) => [field.join('.'), value]))
}

test.each([
  ['/', '/', {}],
  ['/v1/users', '/v1/users', {}],
  ['/v1/users/{id}', '/v1/users/a%2Fb%20c', { id: 'a/b c' }],
  ['/v1/{name=shelves/*}', '/v1/shelves/7', { name: 'shelves/7' }],
  [
    '/v1/{name=shelves/*/books/*}',
    '/v1/shelves/a%2Fb/books/%20',
    { name: 'shelves/a%2Fb/books/ ' },
  ],
  ['/v1/{a.b}/{c}', '/v1/x/y', { 'a.b': 'x', c: 'y' }],
  ['/v1/{path=**}', '/v1/a/b/c', { path: 'a/b/c' }],
  ['/v1/{path=**}', '/v1', { path: '' }],
  ['/v1/{path=files/**}/meta', '/v1/files/a/b/meta', { path: 'files/a/b' }],
  ['/v1/*/x/**', '/v1/anything/x/y/z', {}],
  ['/v1/users/{id}:ban', '/v1/users/7:ban', { id: '7' }],
  ['/v1/users/{id}', '/v1/users/7:other', { id: '7:other' }],
  ['/v1/users:watch', '/v1/users:watch', {}],
])('%s takes %s', (template, path, values) => {
  expect(match(template, path)).toEqual(values)
})

test.each([
  ['/v1/users/{id}', '/v1/users/'],
  ['/v1/users/{id}', '/v1/users/a/b'],
  ['/v1/users/{id}', '/v2/users/a'],
  ['/v1/{name=shelves/*}', '/v1/books/7'],
  ['/v1/users/{id}:ban', '/v1/users/7'],
  ['/v1/users/{id}:ban', '/v1/users/:ban'],
  ['/v1/users', '/v1/Users'],
  ['/v1/{id}', '/v1/%ff'],
])('%s does not take %s', (template, path) => {
  expect(match(template, path)).toBeNull()
})

test.each([
  '',
  'v1',
  '/v1/',
  '//',
  '/{',
  '/{}',
  '/{a',
  '/{a=}',
  '/{1a}',
  '/a}',
  '/**/**',
  '/a:',
  '/a b',
])('%j is no template', (text) => {
  expect(parsePathTemplate(text)).toBeNull()
})

test('literals come before one segment, one before many, and verbs before none', () => {
  const texts = ['/v1/**', '/v1/{id}', '/v1/me', '/v1/{id}:ban']
  const sorted = texts
    .map((text) => ({ text, template: parsePathTemplate(text)! }))
    .sort((a, b) => compareTemplates(a.template, b.template))
  expect(sorted.map(({ text }) => text)).toEqual(['/v1/{id}:ban', '/v1/me', '/v1/{id}', '/v1/**'])
})

test('no text makes the reader of templates fail, and no path the matcher', () => {
  fc.assert(
    fc.property(fc.string({ maxLength: 40 }), fc.webPath(), (text, path) => {
      const template = parsePathTemplate(`/${text}`)
      if (template !== null) matchPath(template, splitPath(path || '/'))
    }),
  )
})
