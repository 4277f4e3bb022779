import { expect, test } from 'vitest'
import { refuse } from '../errors/refusal.ts'
import { chooseForm, renderProblem } from './problem.ts'

const context = {
  origin: 'https://api.example.com',
  instance: 'id-1',
  route: 'users',
  accept: null,
  method: 'GET',
}

test('a problem names its page, status, code, route and request', async () => {
  const response = renderProblem(refuse('UPSTREAM_TIMEOUT'), context)
  expect(response.status).toBe(504)
  expect(response.headers.get('content-type')).toBe('application/problem+json')
  expect(response.headers.get('cache-control')).toBe('no-store')
  expect(response.headers.get('vary')).toBe('Accept')
  expect(await response.json()).toEqual({
    type: 'https://api.example.com/_gateway/problems/upstream-timeout',
    title: 'The service did not answer in time.',
    status: 504,
    instance: 'id-1',
    code: 'UPSTREAM_TIMEOUT',
    route: 'users',
  })
})

test('members and header fields of the refusal are in the answer', async () => {
  const refusal = refuse('METHOD_NOT_ALLOWED', {
    detail: 'Use GET.',
    headers: { allow: 'GET, HEAD' },
    members: { allow: ['GET', 'HEAD'] },
  })
  const response = renderProblem(refusal, context)
  expect(response.headers.get('allow')).toBe('GET, HEAD')
  expect(await response.json()).toMatchObject({ allow: ['GET', 'HEAD'], detail: 'Use GET.' })
})

test('a client that only takes HTML gets HTML with everything escaped and nothing to run', async () => {
  const refusal = refuse('TARGET_INVALID', { detail: '<script>alert("x")</script>' })
  const response = renderProblem(refusal, { ...context, accept: 'text/html' })
  expect(response.headers.get('content-type')).toBe('text/html; charset=utf-8')
  expect(response.headers.get('content-security-policy')).toContain("default-src 'none'")
  const page = await response.text()
  expect(page).not.toContain('<script')
  expect(page).toContain('&lt;script&gt;')
})

test('HEAD gets the header fields and no body', async () => {
  const response = renderProblem(refuse('ROUTE_NOT_FOUND'), { ...context, method: 'HEAD' })
  expect(response.status).toBe(404)
  expect(await response.text()).toBe('')
})

test.each([
  [null, 'json'],
  ['', 'json'],
  ['*/*', 'json'],
  ['application/json', 'json'],
  ['application/problem+json, text/html;q=0.9', 'json'],
  ['text/html', 'html'],
  ['text/plain', 'text'],
  ['text/*', 'html'],
  ['text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8', 'html'],
  ['text/html;q=0, */*', 'json'],
  ['text/html;q=abc', 'json'],
  ['image/png', 'json'],
])('Accept %s gets %s', (accept, form) => {
  expect(chooseForm(accept)).toBe(form)
})

test.each(['constructor', '__proto__', ';', ',,'])('an Accept of %j takes JSON', (accept) => {
  expect(chooseForm(accept)).toBe('json')
})
