import { expect, test } from 'vitest'
import { type CallParts, makeCall } from '../../../test/call.ts'
import { Secret } from '../../http/secret.ts'
import { bindAwsSigV4, dropClientFields } from './aws-sig-v4.ts'

const credentials = {
  accessKeyId: new Secret('AKIDEXAMPLE'),
  secretAccessKey: new Secret('wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY'),
  sessionToken: null,
}
const objectCredentials = {
  accessKeyId: new Secret('AKIAIOSFODNN7EXAMPLE'),
  secretAccessKey: new Secret('wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY'),
  sessionToken: null,
}

function bind(service: string, given = credentials, maxBodyBytes?: number) {
  return bindAwsSigV4(
    {
      region: 'us-east-1',
      service,
      accessKeyId: 'unused',
      secretAccessKey: { secret: 'UNUSED' },
      ...(maxBodyBytes !== undefined && { maxBodyBytes }),
    },
    given,
  )
}

async function signed(step: ReturnType<typeof bind>, parts: CallParts) {
  const call = makeCall({ now: Date.UTC(2015, 7, 30, 12, 36), ...parts })
  expect(await step(call)).toBeNull()
  return call
}

function streamOf(text: string): ReadableStream {
  return new Response(text).body as ReadableStream
}

test('IAM ListUsers has the documented signature', async () => {
  const { headers } = await signed(bind('iam'), {
    base: 'https://iam.amazonaws.com',
    path: '/?Action=ListUsers&Version=2010-05-08',
    headers: {
      'content-type': 'application/x-www-form-urlencoded; charset=utf-8',
      authorization: 'Bearer client',
    },
  })
  expect(headers.authorization).toBe(
    'AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20150830/us-east-1/iam/aws4_request, SignedHeaders=content-type;host;x-amz-date, Signature=5d672d79c15b13162d9279b0855cfba6789a8edb4c82c400e06b5924a6f2b5d7',
  )
})

test.each([
  ['GET', '/', '5fa00fa31553b73ebf1942676e86291e8372ff2a2260956d9b8aae1d763fbf31'],
  ['POST', '/', '5da7c1a2acd57cee7505fc6676e4e544621c30862966e37dddb68e92efbe5d6b'],
  [
    'GET',
    '/?Param2=value2&Param1=value1',
    'b97d918cfa904a5beff61c982a1b6f458b799221646efd99d3219ec94cdf2500',
  ],
])('%s %s of the AWS test suite has its signature', async (method, path, signature) => {
  const { headers } = await signed(bind('service'), {
    base: 'https://example.amazonaws.com',
    method,
    path,
  })
  expect(headers.authorization).toContain(`SignedHeaders=host;x-amz-date, Signature=${signature}`)
})

test.each([
  ['/?max-keys=2&prefix=J', '34b48302e7b5fa45bde8084f4b7868a86f0a534bc59db6670ed5711ef69dc6f7'],
  ['/?lifecycle', 'fea454ca298b7da1c68078a5d1bdbfbbe0d65c699e0f91ac7a200a0136783543'],
])('GET %s of the S3 documentation has its signature', async (path, signature) => {
  const { headers } = await signed(bind('s3', objectCredentials), {
    now: Date.UTC(2013, 4, 24),
    base: 'https://examplebucket.s3.amazonaws.com',
    path,
  })
  expect(headers.authorization).toContain(
    `SignedHeaders=host;x-amz-content-sha256;x-amz-date, Signature=${signature}`,
  )
})

test('a session token is sent and signed', async () => {
  const given = { ...credentials, sessionToken: new Secret('session') } as never
  const { headers } = await signed(bind('iam', given), { base: 'https://iam.amazonaws.com' })
  expect(headers['x-amz-security-token']).toBe('session')
  expect(headers.authorization).toContain('SignedHeaders=host;x-amz-date;x-amz-security-token,')
})

test('a stream to an object store over https goes on unread', async () => {
  const body = streamOf('hello')
  const call = await signed(bind('s3'), { base: 'https://b.example.com', method: 'PUT', body })
  expect(call.headers['x-amz-content-sha256']).toBe('UNSIGNED-PAYLOAD')
  expect(call.body).toBe(body)
})

test.each([
  ['s3', 'http://b.example.com'],
  ['lambda', 'https://b.example.com'],
])('a stream to %s at %s is read, hashed and sent as read', async (service, base) => {
  const call = await signed(bind(service), { base, method: 'PUT', body: streamOf('hello') })
  expect(new TextDecoder().decode(call.body as ArrayBuffer)).toBe('hello')
})

test('a body beyond the limit is refused', async () => {
  const parts = { base: 'https://b.example.com', method: 'POST', body: streamOf('hello') }
  const refusal = await bind('lambda', credentials, 4)(makeCall(parts))
  expect(refusal).toMatchObject({ code: 'BODY_TOO_LARGE', members: { limitBytes: 4 } })
})

test('fields of AWS that the client sent stay behind, those that the table wrote go on', () => {
  const { exchange } = makeCall({
    headers: { 'x-amz-copy-source': '/other/key', 'x-amz-target': 'client', accept: '*/*' },
  })
  exchange.outgoing.headers['x-amz-target'] = 'table'
  dropClientFields(exchange.outgoing.headers, exchange)
  expect({ ...exchange.outgoing.headers }).toEqual({ 'x-amz-target': 'table', accept: '*/*' })
})
