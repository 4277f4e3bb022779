import { expect, test } from 'vitest'
import { attributesOfBridge } from './bridge.ts'

test('what the message of a procedure reads of a request is known before there is one', () => {
  const request = { id: '${params.id}', list: ['a', { x: '${header.x-tenant}/${params.id}' }, 1] }
  const grpc = { service: 'a.B', method: 'C', request }
  expect(attributesOfBridge({ grpc })).toEqual(['params.id', 'header.x-tenant', 'params.id'])
  expect(attributesOfBridge({})).toEqual([])
})
