import { expect, test } from 'vitest'
import { answered, failed, list, planOf } from '../../../../test/aggregate-run.ts'
import type { Part } from '../part.ts'
import { errorsOf } from './part-text.ts'
import { bindWholeBody, withErrors } from './whole-body.ts'

function bodyOf(calls: Parameters<typeof planOf>[0], parts: readonly Part[]): string {
  const { plan } = planOf(calls)
  return bindWholeBody(plan)(parts, errorsOf(plan, parts, 'https://a.example'))
}

test('bodies stand in the order of the table, byte by byte as they came', () => {
  const text = '{ "id" : 12345678901234567890, "x":1.0,\n"e":1E400,"b":2,"a":1,"é":"\\u00e9" }'
  expect(bodyOf({ user: {}, cart: {} }, [answered(text), answered('[1.50]')])).toBe(
    `{"user":${text},"cart":[1.50]}`,
  )
})

test('a body that is not JSON is written as what it was read as', () => {
  const part = answered('"x"', {}, { text: null, value: 'a "quoted"\nline' })
  expect(bodyOf({ note: {} }, [part])).toBe('{"note":"a \\"quoted\\"\\nline"}')
  const empty = answered('null', {}, { text: null, value: null })
  expect(bodyOf({ note: {} }, [empty])).toBe('{"note":null}')
})

test('with forEach there is a list in the order of the items', () => {
  const products = list([answered('1.0'), failed(), answered('{"b":2}')])
  const text = bodyOf({ product: { forEach: 'x', default: { gone: true } } }, [products])
  expect(JSON.parse(text)).toMatchObject({
    product: [1, { gone: true }, { b: 2 }],
    errors: [{ call: 'product', index: 1, status: 500 }],
  })
  expect(text).toContain('[1.0,{"gone":true},{"b":2}]')
  expect(bodyOf({ product: { forEach: 'x' } }, [list([])])).toBe('{"product":[]}')
})

test('a call that was skipped or failed gives its default; only a failure is an error', () => {
  const parts: readonly Part[] = [{ kind: 'skipped', value: [] }, failed({ status: 404 })]
  expect(JSON.parse(bodyOf({ a: { default: [] }, b: {} }, parts))).toEqual({
    a: [],
    b: null,
    errors: [
      {
        call: 'b',
        status: 404,
        type: 'https://a.example/_gateway/problems/call-failed',
        title: 'A service that the answer is made of failed.',
      },
    ],
  })
})

test('names of calls are data', () => {
  expect(bodyOf({ constructor: {}, toString: {} }, [answered('1'), answered('2')])).toBe(
    '{"constructor":1,"toString":2}',
  )
})

const entry = { call: 'a', status: 500, type: 't', title: 'T' }

test.each([
  [{ a: 1 }, { a: 1, errors: [entry] }],
  [{ errors: 'own' }, { data: { errors: 'own' }, errors: [entry] }],
  [[1], { data: [1], errors: [entry] }],
  [null, { data: null, errors: [entry] }],
  ['x', { data: 'x', errors: [entry] }],
])('errors beside %j make it %j', (value, expected) => {
  expect(withErrors(value, [entry])).toEqual(expected)
  expect(withErrors(value, [])).toBe(value)
})

test('a list that was cut is an error without an index', () => {
  const cut = failed({ status: 500, code: 'CALL_ITEMS_CUT', title: 'Cut.' })
  const text = bodyOf({ product: { forEach: 'x' } }, [list([answered('1')], cut)])
  expect(JSON.parse(text)).toEqual({
    product: [1],
    errors: [
      {
        call: 'product',
        status: 500,
        type: 'https://a.example/_gateway/problems/call-items-cut',
        title: 'Cut.',
      },
    ],
  })
})
