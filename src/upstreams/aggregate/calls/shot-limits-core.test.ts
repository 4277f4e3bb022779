/** How long one request of a call may take. */
import { expect, test } from 'vitest'
import { limitsOf } from './shot-limits-core.ts'

const none = { callMs: null, upstreamMs: null, defaultMs: null }

test('without limits headers have none, and a body has thirty seconds', () => {
  expect(limitsOf(none, null, 1_000)).toEqual({
    limits: { routeMs: null, defaultMs: null },
    headersMs: null,
    bodyEndsAt: 31_000,
  })
})

test('the limit of the call bounds headers and body', () => {
  expect(limitsOf({ ...none, callMs: 800, upstreamMs: 100 }, null, 1_000)).toEqual({
    limits: { routeMs: 800, defaultMs: null },
    headersMs: 800,
    bodyEndsAt: 1_800,
  })
})

test('the time of the whole bounds both where it is nearer', () => {
  const found = limitsOf({ ...none, callMs: 800 }, 1_500, 1_000)
  expect(found).toMatchObject({ limits: { routeMs: 500 }, headersMs: 500, bodyEndsAt: 1_500 })
})

test('the limit of the upstream bounds its headers, and each upstream of a chain has its own', () => {
  expect(limitsOf({ ...none, upstreamMs: 100, defaultMs: 900 }, 1_500, 1_000)).toEqual({
    limits: { routeMs: null, defaultMs: 500 },
    headersMs: 100,
    bodyEndsAt: 1_500,
  })
})

test('an upstream that has more time than is left has what is left', () => {
  const found = limitsOf({ ...none, upstreamMs: 5_000 }, 1_500, 1_000)
  expect(found).toMatchObject({ limits: { routeMs: 500 }, headersMs: 500 })
})

test('the limit of defaults holds where neither call nor upstream says one', () => {
  const found = limitsOf({ ...none, defaultMs: 300 }, null, 1_000)
  expect(found).toMatchObject({ limits: { routeMs: 300 }, headersMs: 300, bodyEndsAt: 31_300 })
})

test('when the time of the whole is over there is none', () => {
  expect(limitsOf(none, 1_000, 1_000)).toBeNull()
})
