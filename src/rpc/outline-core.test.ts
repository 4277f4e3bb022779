import fc from 'fast-check'
import { expect, test } from 'vitest'
import { descriptorSet, descriptorSetWith, encodeRule } from '../../test/doubles/descriptors.ts'
import { readHttpRules } from './http-rule-core.ts'
import { readOutline } from './outline-core.ts'

test('services, methods, what they stream and their rules are read', () => {
  const set = descriptorSetWith([
    { name: 'A', rule: { custom: { kind: 'purge', path: '/a' }, body: 'x', responseBody: 'y' } },
    { name: 'B', serverStreaming: true, clientStreaming: true, isIdempotent: true },
  ])
  expect(readOutline(set)).toEqual({
    kind: 'outline',
    services: [
      {
        name: 'users.v1.Users',
        methods: [
          {
            name: 'A',
            isClientStreaming: false,
            isServerStreaming: false,
            isIdempotent: false,
            rules: [{ method: 'PURGE', path: '/a', body: 'x', responseBody: 'y' }],
          },
          {
            name: 'B',
            isClientStreaming: true,
            isServerStreaming: true,
            isIdempotent: true,
            rules: [],
          },
        ],
      },
    ],
  })
})

test('bindings beside the first are rules of their own', () => {
  const rule = { get: '/a', more: [{ put: '/b', body: '*' }, { delete: '/c' }, { patch: '/d' }] }
  expect(readHttpRules(encodeRule(rule))?.map(({ method, path }) => `${method} ${path}`)).toEqual([
    'GET /a',
    'PUT /b',
    'DELETE /c',
    'PATCH /d',
  ])
})

test('no bytes make the reader fail, cut off and changed sets among them', () => {
  const set = descriptorSet()
  const kinds = /^(?:outline|invalid)$/
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 60 }), fc.nat(set.length), (bytes, at) => {
      expect(readOutline(bytes).kind).toMatch(kinds)
      expect(readOutline(set.subarray(0, at)).kind).toMatch(kinds)
      const changed = set.slice()
      changed.set(bytes.subarray(0, set.length - at), at)
      expect(readOutline(changed).kind).toMatch(kinds)
    }),
  )
})
