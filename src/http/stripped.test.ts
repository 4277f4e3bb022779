import { expect, test } from 'vitest'
import { isStrippedInbound } from './stripped.ts'

test.each([
  'cf-connecting-ip',
  'cf-ray',
  'cf_connecting_ip',
  'connection',
  'expect',
  'forwarded',
  'host',
  'http2-settings',
  'isogate-complete',
  'isogate_complete',
  'keep-alive',
  'proxy-authorization',
  'proxy-connection',
  'te',
  'trailer',
  'transfer-encoding',
  'true-client-ip',
  'true_client_ip',
  'upgrade',
  'x-forwarded-for',
  'x-forwarded-anything',
  'x_forwarded_for',
  'x-forwarded_for',
  'x-real-ip',
  'x_real_ip',
])('%s stays behind', (name) => {
  expect(isStrippedInbound(name)).toBe(true)
})

test.each([
  'accept',
  'authorization',
  'cache-control',
  'content-length',
  'content-type',
  'cookie',
  'cf',
  'from',
  'if-none-match',
  'origin',
  'proxy-status',
  'tenant',
  'traceparent',
  'user-agent',
  'via',
  'x-request-id',
  'x-real-ip-country',
  'xforwarded-for',
  '__proto__',
])('%s goes on', (name) => {
  expect(isStrippedInbound(name)).toBe(false)
})
