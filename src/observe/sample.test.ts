import { expect, test } from 'vitest'
import type { Event } from './event.ts'
import { isSampled } from './sample.ts'

const event = { status: 200, error: null, durationMs: 10 } as Event
const logging = { sample: 0.1, always: { error: true, slow: true }, slowMs: 1000 }

test('without a log policy every event is written', () => {
  expect(isSampled(event, null, 0.99)).toBe(true)
})

test('the sample is the share of plain events that are written', () => {
  expect(isSampled(event, logging, 0.09)).toBe(true)
  expect(isSampled(event, logging, 0.1)).toBe(false)
})

test('failed and slow events are written whatever the sample', () => {
  expect(isSampled({ ...event, status: 500 }, logging, 0.99)).toBe(true)
  expect(isSampled({ ...event, error: 'ROUTE_NOT_FOUND' }, logging, 0.99)).toBe(true)
  expect(isSampled({ ...event, durationMs: 1000 }, logging, 0.99)).toBe(true)
})

test('what is not named in always is sampled like the rest', () => {
  const quiet = { ...logging, always: { error: false, slow: false } }
  expect(isSampled({ ...event, status: 500, durationMs: 5000 }, quiet, 0.99)).toBe(false)
})
