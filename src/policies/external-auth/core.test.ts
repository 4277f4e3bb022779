import { expect, test } from 'vitest'
import { type AnswerFields, isKeepable, readDecision } from './core.ts'

const fields: AnswerFields = {
  responseHeaders: ['x-user', 'x-roles'],
  subjectHeader: 'x-user',
  refusalHeaders: ['location', 'set-cookie'],
}
const bytes = (text: string) => new TextEncoder().encode(text).buffer as ArrayBuffer
const read = (status: number, headers: [string, string][] = [], body: string | null = '') =>
  readDecision(
    { status, headers: new Headers(headers), body: body === null ? null : bytes(body) },
    fields,
  )

test('2xx allows, with the fields that were chosen and no others', () => {
  const headers: [string, string][] = [
    ['X-User', 'ada'],
    ['X-Other', 'x'],
  ]
  expect(read(204, headers)).toEqual({
    kind: 'allowed',
    subject: 'ada',
    forward: { 'x-user': 'ada' },
  })
})

test.each([[[]], [[['X-User', '']]]])('with %j the caller has no name', (headers) => {
  expect(read(200, headers as [string, string][])).toMatchObject({ subject: null })
})

test.each([301, 302, 400, 401, 403, 404, 429])('%i denies', (status) => {
  expect(read(status)).toMatchObject({ kind: 'denied', status })
})

test.each([100, 199, 500, 502, 503, 599])('%i is a service that failed', (status) => {
  expect(read(status)).toEqual({ kind: 'failed', reason: `source-status-${status}` })
})

test('a denial keeps each cookie and the bytes of its body', () => {
  const headers: [string, string][] = [
    ['Location', 'https://id.example.com/login'],
    ['Set-Cookie', 'a=1; Expires=Thu, 01 Jan 2026 00:00:00 GMT'],
    ['Set-Cookie', 'b=2'],
    ['Server', 'nginx'],
  ]
  expect(read(302, headers, 'sign in')).toEqual({
    kind: 'denied',
    status: 302,
    headers: [
      ['location', 'https://id.example.com/login'],
      ['set-cookie', 'a=1; Expires=Thu, 01 Jan 2026 00:00:00 GMT'],
      ['set-cookie', 'b=2'],
    ],
    body: btoa('sign in'),
  })
})

test('a body that was too long is left out', () => {
  expect(read(403, [], null)).toMatchObject({ body: null })
})

test('a long body survives its encoding', () => {
  const decision = read(403, [], 'é'.repeat(20_000))
  if (decision.kind !== 'denied' || decision.body === null) throw new TypeError('not denied')
  expect(atob(decision.body)).toHaveLength(40_000)
})

test('an answer that sets a cookie, or is none, is not kept', () => {
  expect(isKeepable(read(204))).toBe(true)
  expect(isKeepable(read(403))).toBe(true)
  expect(isKeepable(read(403, [['Set-Cookie', 'a=1']]))).toBe(false)
  expect(isKeepable(read(500))).toBe(false)
})

test('a name that is too long is no name', () => {
  expect(read(200, [['X-User', 'a'.repeat(1_025)]])).toMatchObject({ kind: 'failed' })
})
