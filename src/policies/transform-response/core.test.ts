import { expect, test } from 'vitest'
import { planAnswer, refuseFault } from './core.ts'

const use = 'transform-response' as const

test('JSON is read and written unless the table says otherwise', () => {
  expect(planAnswer({ use, wrap: 'a' })).toEqual({
    from: 'json',
    form: { format: 'json', contentType: 'application/json' },
    accepts: 'application/json',
    parameter: null,
  })
})

test('an envelope is XML, and goes out as JSON', () => {
  const plan = planAnswer({ use, soap: {} })
  expect([plan.from, plan.form.format]).toEqual(['xml', 'json'])
  expect(plan.accepts).toContain('application/soap+xml')
})

test.each([
  [true, 'fields'],
  ['only', 'only'],
  [false, null],
])('`fields` %j means the parameter %j', (fields, parameter) => {
  expect(planAnswer({ use, fields }).parameter).toBe(parameter)
})

test('a fault is a 502, or what the table says of its code', () => {
  const fault = { faultCode: 'Client', faultString: 'No such user.' }
  expect(refuseFault(fault, new Map())).toMatchObject({ code: 'SOAP_FAULT', members: fault })
  expect(refuseFault(fault, new Map()).status).toBeUndefined()
  expect(refuseFault(fault, new Map([['Client', 404]])).status).toBe(404)
})
