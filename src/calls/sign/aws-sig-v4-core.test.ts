import { expect, test } from 'vitest'
import type { SignableRequest } from '../../http/signature-base.ts'
import {
  amzDate,
  canonicalPath,
  canonicalQuery,
  canonicalRequest,
  credentialScope,
  stringToSign,
} from './aws-sig-v4-core.ts'

const NOTHING = 'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855'

/** The example of the AWS documentation: IAM ListUsers. */
const listUsers: SignableRequest = {
  method: 'GET',
  scheme: 'https',
  authority: 'iam.amazonaws.com',
  path: '/',
  query: '?Action=ListUsers&Version=2010-05-08',
  headers: {
    'content-type': 'application/x-www-form-urlencoded; charset=utf-8',
    'x-amz-date': '20150830T123600Z',
    accept: 'application/json',
  },
}

test('the canonical request of IAM ListUsers is the documented one', () => {
  expect(canonicalRequest(listUsers, 'iam', NOTHING)).toEqual({
    signedHeaders: 'content-type;host;x-amz-date',
    text: [
      'GET',
      '/',
      'Action=ListUsers&Version=2010-05-08',
      'content-type:application/x-www-form-urlencoded; charset=utf-8',
      'host:iam.amazonaws.com',
      'x-amz-date:20150830T123600Z',
      '',
      'content-type;host;x-amz-date',
      NOTHING,
    ].join('\n'),
  })
})

test('the string to sign of IAM ListUsers is the documented one', () => {
  const hash = 'f536975d06c0309214f805bb90ccff089219ecd68b2577efef23edd43b7e1a59'
  const scope = credentialScope('20150830T123600Z', 'us-east-1', 'iam')
  expect(stringToSign('20150830T123600Z', scope, hash)).toBe(
    `AWS4-HMAC-SHA256\n20150830T123600Z\n20150830/us-east-1/iam/aws4_request\n${hash}`,
  )
})

test('a time is written without separators and milliseconds', () => {
  expect(amzDate(Date.UTC(2015, 7, 30, 12, 36, 0, 789))).toBe('20150830T123600Z')
})

test.each([
  ['service', '/documents%20and%20settings/', '/documents%2520and%2520settings/'],
  ['service', '/a//b', '/a/b'],
  ['service', "/it's(1)*", '/it%27s%281%29%2A'],
  ['s3', '/a%20b//c', '/a%20b//c'],
  ['s3', '/a+b', '/a%20b'],
  ['s3', "/it's(1)*!", '/it%27s%281%29%2A%21'],
  ['s3', '/50%', '/50%25'],
])('for %s the path %s is %s', (service, path, canonical) => {
  expect(canonicalPath(path, service)).toBe(canonical)
})

test.each([
  ['', ''],
  ['?', ''],
  ['?acl', 'acl='],
  ['?b=2&a=1', 'a=1&b=2'],
  ['?a=2&a=1', 'a=1&a=2'],
  ['?Param1=1&param0=0', 'Param1=1&param0=0'],
  ['?q=a+b%2fc', 'q=a%20b%2Fc'],
  ["?q=-_.~!'()*", 'q=-_.~%21%27%28%29%2A'],
  ['?=x&&a=', 'a='],
])('the query %j is %j', (query, canonical) => {
  expect(canonicalQuery(query)).toBe(canonical)
})

test('fields of AWS are signed, with their spaces folded', () => {
  const headers = { 'x-amz-meta': '  a   b ', cookie: 'no' }
  const { text, signedHeaders } = canonicalRequest({ ...listUsers, headers }, 'iam', NOTHING)
  expect(signedHeaders).toBe('host;x-amz-meta')
  expect(text).toContain('\nx-amz-meta:a b\n')
})
