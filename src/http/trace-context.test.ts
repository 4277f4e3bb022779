import { expect, test } from 'vitest'
import { readTrace, writeTraceparent } from './trace-context.ts'

const hex = (bytes: number) => 'ab'.repeat(bytes)
const id = '4bf92f3577b34da6a3ce929d0e0e4736'
const parent = `00-${id}-00f067aa0ba902b7-01`

test('a trace that comes in goes on with the gateway as the parent', () => {
  const trace = readTrace(parent, 'vendor=1', hex)
  expect(trace).toEqual({ traceId: id, spanId: 'ab'.repeat(8), flags: '01', state: 'vendor=1' })
  expect(writeTraceparent(trace)).toBe(`00-${id}-abababababababab-01`)
})

test('flags of the caller are kept', () => {
  expect(readTrace(parent.replace(/01$/, '00'), undefined, hex).flags).toBe('00')
})

test.each([
  undefined,
  '',
  'garbage',
  `00-${'0'.repeat(32)}-00f067aa0ba902b7-01`,
  `00-${id}-${'0'.repeat(16)}-01`,
  `00-${id.toUpperCase()}-00f067aa0ba902b7-01`,
  `ff-${id}-00f067aa0ba902b7-01`,
  `${parent}-more`,
])('a trace is begun, without the state of the caller, where traceparent is %s', (field) => {
  expect(readTrace(field, 'vendor=1', hex)).toEqual({
    traceId: 'ab'.repeat(16),
    spanId: 'ab'.repeat(8),
    flags: '01',
    state: null,
  })
})

test('a later version may carry more fields', () => {
  expect(readTrace(`cc-${id}-00f067aa0ba902b7-01-more`, undefined, hex).traceId).toBe(id)
})
