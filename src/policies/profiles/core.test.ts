import { expect, test } from 'vitest'
import { fieldsOfChoice, isClientHint, nameIn } from './core.ts'

const names = new Set(['mobile', 'smart-tv'])

test.each([
  ['mobile', 'mobile'],
  ['Mobile', 'mobile'],
  [' SMART-TV ', 'smart-tv'],
  ['', null],
  ['mobile, smart-tv', null],
  ['constructor', null],
  ['__proto__', null],
  [`${'m'.repeat(65)}`, null],
  [`mobile${' '.repeat(1000)}`, null],
])('the value %j names the profile %j', (value, name) => {
  expect(nameIn(names, value)).toBe(name)
})

test('the choice reads the fields of `by` and of each `when`, each once', () => {
  const fields = fieldsOfChoice({
    by: ['claims.client', 'header.X-Client', 'cookie.client', 'cookie.kind', 'query.client'],
    profiles: {
      mobile: { when: { headers: { 'Sec-CH-UA-Mobile': '?1', 'x-client': 'm' } } },
      tv: { when: [{ headers: { 'User-Agent': { regex: 'TV' } } }, {}, { headers: { DPR: '1' } }] },
      web: { when: {} },
      other: {},
    },
  })
  expect(fields).toEqual(['X-Client', 'Cookie', 'Sec-CH-UA-Mobile', 'User-Agent', 'DPR'])
})

test('a choice by claims alone reads no field that could be named', () => {
  expect(fieldsOfChoice({ by: ['claims.client', 'consumer.plan'], profiles: {} })).toEqual([])
})

test.each([
  ['Sec-CH-UA-Mobile', true],
  ['sec-ch-prefers-reduced-data', true],
  ['Save-Data', true],
  ['DPR', true],
  ['User-Agent', false],
  ['X-Sec-CH-UA', false],
])('%s is a client hint: %j', (field, is) => {
  expect(isClientHint(field)).toBe(is)
})
