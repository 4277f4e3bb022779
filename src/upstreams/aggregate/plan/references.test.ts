import { expect, test } from 'vitest'
import { type Names, parseReferences } from './references.ts'

const names: Names = {
  calls: new Map([
    ['user', { isList: false }],
    ['query', { isList: false }],
    ['product', { isList: true }],
  ]),
  hasItem: true,
}

function partsOf(text: string, given: Names = names) {
  const parsed = parseReferences(text, given)
  return parsed.kind === 'template' ? parsed.parts : parsed
}

test.each([
  ['user.status', { call: 'user', path: ['status'] }],
  ['user.body', { call: 'user', path: ['body'] }],
  ['user.body.address.0.city', { call: 'user', path: ['body', 'address', '0', 'city'] }],
  ['user.headers.X-Total', { call: 'user', path: ['headers', 'x-total'] }],
  ['product.0.body.name', { call: 'product', path: ['0', 'body', 'name'] }],
  ['product.2.headers.etag', { call: 'product', path: ['2', 'headers', 'etag'] }],
])('%s refers to a call', (name, reference) => {
  expect(partsOf(`\${${name}}`)).toEqual([{ kind: 'call', name, ...reference }])
})

test('an item is referred to by itself and by its members', () => {
  expect(partsOf('${item}/${item.a.0}')).toEqual([
    { kind: 'item', name: 'item', path: [] },
    { kind: 'text', text: '/' },
    { kind: 'item', name: 'item.a.0', path: ['a', '0'] },
  ])
})

test('names of the vocabulary stand beside those of calls', () => {
  expect(partsOf('a ${params.id} $${b}')).toEqual([
    { kind: 'text', text: 'a ' },
    { kind: 'attribute', name: 'params.id' },
    { kind: 'text', text: ' ${b}' },
  ])
})

test('a call stands before a family of the vocabulary that has its name', () => {
  expect(partsOf('${query.body.x}')).toMatchObject([{ kind: 'call', call: 'query' }])
  expect(partsOf('${query.x}')).toMatchObject({ kind: 'invalid', at: 0 })
})

test.each([
  ['usr.body', 'did you mean "user"'],
  ['user.bodi', '"body"'],
  ['user', '"status"'],
  ['user.status.x', '"status"'],
  ['user.headers', '"headers.<name>"'],
  ['user.body..x', 'after each "."'],
  ['product.body', 'an index'],
  ['product.x.body', 'an index'],
  ['constructor.body', 'a name that templates know'],
  ['__proto__.body', 'a name that templates know'],
])('%s refers to nothing, and is told what could be', (name, expected) => {
  expect(partsOf(`x\${${name}}`)).toMatchObject({
    kind: 'invalid',
    at: 1,
    reason: expect.stringContaining(expected),
  })
})

test('there is no item where there is no list', () => {
  expect(partsOf('${item.id}', { ...names, hasItem: false })).toMatchObject({ kind: 'invalid' })
})
