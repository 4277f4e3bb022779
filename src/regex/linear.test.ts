import { expect, test } from 'vitest'
import { checkLinear } from './linear.ts'

test.each([
  '(a+)+',
  '^(a+)+$',
  '^(a|a)*$',
  '^(a*)*$',
  '^(a|aa)+$',
  '^(\\w+\\s?)*$',
  '^([a-z]+.)+[A-Z]$',
  '^(?:a?){30}a{30}',
  '^(?:a|a){20}$',
  '^(.*?,){8}x',
])('what can be read in ever more ways is refused: %s', (source) => {
  expect(checkLinear(source).kind).toBe('refused')
})

test.each(['^\\d+\\d+$', '^.*.*x', '^.*a.*b', '^a*b?a*$', '^\\s*,?\\s*$', '^(a+b?)+$'])(
  'loops that can share a text are refused: %s',
  (source) => {
    expect(checkLinear(source).kind).toBe('refused')
  },
)

test.each(['a+b', '[a-z]+$', '\\d+\\d+$', '.*x', 'foo.*bar', '\\s+$', '(?:^|x)a*b'])(
  'a search that begins with a loop, and may fail after it, is refused without "^": %s',
  (source) => {
    expect(checkLinear(source).kind).toBe('refused')
  },
)

test.each(['(a)\\1', '(?<x>a)\\k<x>', '^(?=.*x)', '^(?!a+b)', '(?<=a{2})b', '(?i:a)'])(
  'what the count cannot follow is refused: %s',
  (source) => {
    expect(checkLinear(source).kind).toBe('refused')
  },
)

test.each(['(', '[', 'a{2', '\\8', '\\_', '*a', '\\u{110000}', '(?<a>x)(?<a>y)'])(
  'what is no expression with flag u is refused: %s',
  (source) => {
    expect(checkLinear(source).kind).toBe('refused')
  },
)

test.each([
  '^[a-z]{1,100000}$',
  '((?:){1000}){1000}',
  '(((a{99}){99}){99}){99}',
  '^(a|b)*a(a|b){16}$',
])('what is too large to be looked at is refused at once: %s', (source) => {
  expect(checkLinear(source).kind).toBe('refused')
})

test.each([
  '',
  '^',
  '^$',
  '^/v[0-9]+/',
  '^Bearer [A-Za-z0-9._-]+$',
  '^(foo|bar)-\\d{1,5}$',
  '^[^/]+/[^/]+$',
  '^(?:[a-z0-9-]+\\.)+[a-z]{2,63}$',
  '^(?:[a-z]+,)*[a-z]*$',
  '^[^@\\s]+@[^@\\s]+$',
  '^[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}$',
  '^(?:(?:25[0-5]|2[0-4]\\d|1?\\d?\\d)(?:\\.|$)){4}$',
  '^/(?<year>[0-9]{4})/(?<slug>[^/]+)$',
  '^\\d+(?:\\.\\d+)*(?:-[a-z0-9.]+)?$',
  '^.*foo',
  '^(?!admin)[a-z]+$',
  '^\\p{L}+-\\d+$',
  'a*',
  '\\d+',
  'curl|wget|[Bb]ot',
  'Mozilla/\\d+\\.\\d+',
  '\\bfoo\\b',
  '(?:^|,)gzip(?:,|$)',
  '^(?:news|newest|new|next|net)$',
  '^[\\u{1F600}-\\u{1F64F}\\ud83d\\ude80]+$',
])('what stays linear passes: %s', (source) => {
  expect(checkLinear(source)).toEqual({ kind: 'linear' })
})
