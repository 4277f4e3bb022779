import { expect, test } from 'vitest'
import type { Speech } from '../../rpc/speech-core.ts'
import { tellFailure, toBinaryType, toTextType } from './core.ts'

/** The content as bytes, and as text behind the head of its frame. */
function readBody(body: string | Uint8Array) {
  const bytes = Buffer.from(body)
  return { bytes, framed: bytes.subarray(5).toString() }
}

const web: Speech = { kind: 'grpc-web', isText: false, contentType: 'application/grpc-web+proto' }

test('a refusal is the trailers of gRPC-Web, under 200', () => {
  const { status, contentType, body } = tellFailure(web, 503, 'Bad: ä%')
  expect([status, contentType]).toEqual([200, 'application/grpc-web+proto'])
  const { bytes, framed } = readBody(body)
  expect([...bytes.subarray(0, 5)]).toEqual([0x80, 0, 0, 0, body.length - 5])
  expect(framed).toBe('grpc-status: 14\r\ngrpc-message: Bad: %C3%A4%25\r\n')
})

test('in the text form the trailers are base64', () => {
  const binary = tellFailure(web, 429, 'x')
  const text = tellFailure({ ...web, isText: true }, 429, 'x')
  expect(readBody(text.body).bytes.toString()).toBe(readBody(binary.body).bytes.toString('base64'))
})

test("a refusal is the end of Connect's stream", () => {
  const speech: Speech = { kind: 'connect-stream', contentType: 'application/connect+json' }
  const { status, body } = tellFailure(speech, 504, 'late')
  expect([status, body[0]]).toEqual([200, 2])
  expect(JSON.parse(readBody(body).framed)).toEqual({
    error: { code: 'deadline_exceeded', message: 'late' },
  })
})

test.each([
  [400, 'invalid_argument'],
  [401, 'unauthenticated'],
  [403, 'permission_denied'],
  [404, 'not_found'],
  [413, 'resource_exhausted'],
  [429, 'resource_exhausted'],
  [500, 'internal'],
  [502, 'unavailable'],
  [503, 'unavailable'],
  [504, 'deadline_exceeded'],
])('a unary call of Connect that is refused with %i is %s', (http, code) => {
  const { status, contentType, body } = tellFailure({ kind: 'connect-unary' }, http, 'no')
  expect([status, contentType]).toEqual([http, 'application/json'])
  expect(JSON.parse(body as string)).toEqual({ code, message: 'no' })
})

test('names of types are changed and nothing else', () => {
  expect(toBinaryType('application/grpc-web-text+proto')).toBe('application/grpc-web+proto')
  expect(toTextType('application/grpc-web+proto; x=1')).toBe('application/grpc-web-text+proto; x=1')
  expect(toTextType('application/grpc-web-text')).toBeNull()
  expect(toTextType('application/json')).toBeNull()
})
