import { expect, test } from 'vitest'
import { fields } from '../../../test/exchange.ts'
import { declaredLength, judgeSize } from './core.ts'

const none = Number.POSITIVE_INFINITY
const unlimited = { maxTargetBytes: none, maxHeaderBytes: none, maxBodyBytes: none }
const head = { targetBytes: 10, headers: fields({ a: 'bc' }) } // 1 + 2 + 4 bytes of header

test.each([
  ['a target at its limit is within', { maxTargetBytes: 10 }, 0, { kind: 'within' }],
  ['a target past its limit is 414', { maxTargetBytes: 9 }, 0, { code: 'TARGET_TOO_LONG' }],
  ['a header section at its limit is within', { maxHeaderBytes: 7 }, 0, { kind: 'within' }],
  [
    'a header section past its limit is 431',
    { maxHeaderBytes: 6 },
    0,
    { code: 'HEADERS_TOO_LARGE' },
  ],
  ['a body at its limit is within', { maxBodyBytes: 5 }, 5, { kind: 'within' }],
  ['a body past its limit is 413', { maxBodyBytes: 5 }, 6, { code: 'BODY_TOO_LARGE' }],
  ['no body is within a limit of 0', { maxBodyBytes: 0 }, 0, { kind: 'within' }],
  ['a body of unknown length has to be counted', { maxBodyBytes: 5 }, null, { kind: 'uncounted' }],
  ['a body without a limit is not counted', {}, null, { kind: 'within' }],
  [
    'the target is judged before the body',
    { maxTargetBytes: 1, maxBodyBytes: 1 },
    9,
    { code: 'TARGET_TOO_LONG' },
  ],
])('%s', (_sentence, limits, bodyBytes, verdict) => {
  expect(judgeSize(head, bodyBytes, { ...unlimited, ...limits })).toMatchObject(verdict)
})

test('a refusal says how much is taken', () => {
  expect(judgeSize(head, 6, { ...unlimited, maxBodyBytes: 5 })).toMatchObject({
    members: { maxBytes: 5 },
  })
})

test.each([
  [{ 'content-length': '12' }, 12],
  [{ 'content-length': '12', 'transfer-encoding': 'chunked' }, null],
  [{ 'content-length': '1e3' }, null],
  [{}, null],
])('%j declares %s', (headers, length) => {
  expect(declaredLength(fields(headers as Record<string, string>))).toBe(length)
})
