import { expect, test } from 'vitest'
import type { SignableRequest } from '../../http/signature-base.ts'
import {
  baseOf,
  objectionTo,
  parseSignatures,
  replayableUntil,
  type SignatureRules,
} from './core.ts'
import { queryParamValue } from './query-param.ts'

const bytes = ':AAAA:'
const one = (input: string) => parseSignatures(`s=${input}`, `s=${bytes}`)?.[0] ?? null

const request: SignableRequest = {
  method: 'POST',
  scheme: 'https',
  authority: 'example.com',
  path: '/foo',
  query: '?param=Value&Pet=dog',
  headers: { date: 'Tue, 20 Apr 2021 02:07:55 GMT', 'example-dict': 'a=1, b=2;x=1, c=(a b)' },
}

test('a signature is read with all of its parameters', () => {
  const input = '("@method" "date");created=10;expires=20;nonce="n";alg="ed25519";keyid="k";tag="t"'
  expect(one(input)).toMatchObject({
    params: input,
    signature: Uint8Array.of(0, 0, 0),
    keyId: 'k',
    created: 10,
    expires: 20,
    nonce: 'n',
    algorithm: 'ed25519',
    tag: 't',
  })
})

test.each([
  ['no key id', '("@method");created=10'],
  ['no creation time', '("@method");keyid="k"'],
  ['a creation time that is text', '("@method");created="10";keyid="k"'],
  ['an expiry that is text', '("@method");created=10;expires="20";keyid="k"'],
  ['a nonce that is a number', '("@method");created=10;nonce=1;keyid="k"'],
  ['no list of components', '"@method";created=10;keyid="k"'],
])('a signature with %s does not count', (_what, input) => {
  expect(one(input)).toBeNull()
})

test('a member that has no counterpart does not count, and a malformed field makes none count', () => {
  expect(parseSignatures('s=();created=1;keyid="k"', 'other=:AAAA:')).toEqual([])
  expect(parseSignatures('s=();created=1;keyid="k"', 's="AAAA"')).toEqual([])
  expect(parseSignatures('s=(', 's=:AAAA:')).toBeNull()
  expect(parseSignatures('s=();created=1;keyid="k"', 's=:AAAA')).toBeNull()
})

const rules: SignatureRules = {
  components: null,
  maxAgeSeconds: 60,
  clockToleranceSeconds: 5,
  needsNonce: false,
}
const covering = (components: string, parameters = 'created=100') =>
  one(`(${components});${parameters};keyid="k"`)!
const usual = '"@method" "@target-uri"'

test.each([
  [94, 'signature-not-yet-valid'],
  [95, null],
  [165, null],
  [166, 'signature-expired'],
])('a signature of second 100 has at second %i the objection %s', (nowSeconds, objection) => {
  expect(objectionTo(covering(usual), rules, { nowSeconds, hasBody: false })).toBe(objection)
})

test.each([
  [124, null],
  [125, 'signature-expired'],
])('one that expires at 120 has at second %i the objection %s', (nowSeconds, objection) => {
  const signature = covering(usual, 'created=100;expires=120')
  expect(objectionTo(signature, rules, { nowSeconds, hasBody: false })).toBe(objection)
})

test('a signature can come again for as long as it is no objection that it is old', () => {
  const until = replayableUntil({ created: 100 }, rules)
  const at = (nowSeconds: number) =>
    objectionTo(covering(usual), rules, { nowSeconds, hasBody: false })
  expect(at(until - 1)).toBeNull()
  expect(at(until)).toBe('signature-expired')
})

test.each([
  ['"@method" "@target-uri"', false, true],
  ['"@method" "@path" "@query"', false, true],
  ['"@method" "@request-target"', false, true],
  ['"@method" "@path"', false, false],
  ['"@target-uri"', false, false],
  ['"@method" "@target-uri"', true, false],
  ['"@method" "@target-uri" "content-digest"', true, true],
  ['"@method" "@target-uri" "content-digest";key="sha-256"', true, false],
  ['"@method";req "@target-uri"', false, false],
])('covering %s, with a body %s, is enough: %s', (components, hasBody, isEnough) => {
  const objection = objectionTo(covering(components), rules, { nowSeconds: 100, hasBody })
  expect(objection).toBe(isEnough ? null : 'signature-component-not-covered')
})

test('a list of components stands in the place of the default, and asks for a digest only with a body', () => {
  const own = { ...rules, components: ['date', 'content-digest'] }
  const judge = (hasBody: boolean) =>
    objectionTo(covering('"date"'), own, { nowSeconds: 100, hasBody })
  expect(judge(false)).toBeNull()
  expect(judge(true)).toBe('signature-component-not-covered')
})

test('a nonce may be asked for, and has a greatest length', () => {
  const now = { nowSeconds: 100, hasBody: false }
  expect(objectionTo(covering(usual), { ...rules, needsNonce: true }, now)).toBe(
    'signature-nonce-missing',
  )
  const long = covering(usual, `created=100;nonce="${'n'.repeat(257)}"`)
  expect(objectionTo(long, rules, now)).toBe('signature-nonce-too-long')
})

test('the base has a line for each component, parameters included', () => {
  const input = '("@method" "@query-param";name="Pet" "example-dict";key="b");created=1;keyid="k"'
  expect(baseOf(one(input)!, request)).toBe(
    [
      '"@method": POST',
      '"@query-param";name="Pet": dog',
      '"example-dict";key="b": 2;x=1',
      `"@signature-params": ${input}`,
    ].join('\n'),
  )
})

test('the base says what was signed in its one form, whatever the spaces in the field', () => {
  expect(baseOf(one('( "@method" );created=1; keyid="k"')!, request)).toBe(
    '"@method": POST\n"@signature-params": ("@method");created=1;keyid="k"',
  )
})

test.each([
  ['is not in the request', '"x-missing"'],
  ['is named twice', '"date" "date"'],
  ['has capitals', '"Date"'],
  ['is of an answer', '"@status"'],
  ['is of the request that an answer belongs to', '"@method";req'],
  ['is of the trailers', '"date";tr'],
  ['is bytes', '"date";bs'],
  ['is a member that is not there', '"example-dict";key="z"'],
  ['is a member of no dictionary', '"date";key="a"'],
  ['is a token', 'date'],
  ['is the parameters themselves', '"@signature-params"'],
  ['is a query parameter without name', '"@query-param"'],
  ['is inherited', '"constructor"'],
])('there is no base where a component %s', (_what, component) => {
  expect(baseOf(one(`(${component});created=1;keyid="k"`)!, request)).toBeNull()
})

// The examples of RFC 9421 §2.2.8.
const query =
  '?var=this%20is%20a%20big%0Amultiline%20value&bar=with+plus+whitespace&fa%C3%A7ade%22%3A%20=something'

test.each([
  ['var', 'this%20is%20a%20big%0Amultiline%20value'],
  ['bar', 'with%20plus%20whitespace'],
  ['fa%C3%A7ade%22%3A%20', 'something'],
])('the query parameter %s is %s', (name, value) => {
  expect(queryParamValue(query, name)).toBe(value)
})

test('a parameter that is empty has an empty value; one that is there twice or not at all has none', () => {
  expect(queryParamValue('?param=value&qux=', 'qux')).toBe('')
  expect(queryParamValue('?a=1&a=2', 'a')).toBeNull()
  expect(queryParamValue('', 'a')).toBeNull()
})
