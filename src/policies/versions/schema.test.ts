import { expect, test } from 'vitest'
import { versionsSchema } from './schema.ts'

const valid = { use: 'versions', from: { header: 'V' }, versions: { v1: {}, v2: {} } }

function pathsOf(more: object): string[] {
  const { error } = versionsSchema.safeParse({ ...valid, ...more })
  return (error?.issues ?? []).map(({ path }) => path.join('/'))
}

test('the least is a place and a version', () => {
  expect(pathsOf({})).toEqual([])
})

test.each([
  ['no version', { versions: {} }, 'versions'],
  ['dates beside names', { versions: { '2024-01-01': {}, v1: {} } }, 'versions/v1'],
  ['numbers beside names', { versions: { v1: {}, '1': {} } }, 'versions/v1'],
  ['a day that no calendar has', { versions: { '2024-02-30': {} } }, 'versions/2024-02-30'],
  ['names that a "v" alone tells apart', { versions: { 'v1.0': {}, '1.0': {} } }, 'versions/1.0'],
  ['a name in capitals', { versions: { V1: {} } }, 'versions/V1'],
  ['steps of the oldest', { versions: { v1: { request: { wrap: 'a' } } } }, 'versions/v1/request'],
  [
    'answers of the oldest by date',
    { versions: { '2025-01-01': {}, '2024-01-01': { response: { wrap: 'a' } } } },
    'versions/2024-01-01/response',
  ],
  ['empty steps', { versions: { v1: {}, v2: { request: {} } } }, 'versions/v2/request'],
  ['a field of the runtime', { answerHeader: 'Content-Length' }, 'answerHeader'],
  ['a default that is not there', { default: 'v9' }, 'default'],
  ['a default that nobody has', { default: 'v1', required: true }, 'default'],
  ['two places in one', { from: { header: 'V', query: 'v' } }, 'from/query'],
  ['no place', { from: {} }, 'from'],
  ['a segment of a header', { from: { header: 'V', strip: true } }, 'from/strip'],
  ['two words for one thing', { from: { path: true, strip: true, onward: 'keep' } }, 'from/strip'],
  ['a link to nothing', { versions: { v1: { link: 'https://a.example/' } } }, 'versions/v1/link'],
  [
    'a link that breaks out of its brackets',
    { versions: { v1: { link: 'https://a.example/>; rel="x"', sunset: '2026-01-01' } } },
    'versions/v1/link',
  ],
  [
    'an end without a date',
    { versions: { v1: { afterSunset: 'serve' } } },
    'versions/v1/afterSunset',
  ],
  [
    'an end before its announcement',
    { versions: { v1: { deprecated: '2026-01-02', sunset: '2026-01-01' } } },
    'versions/v1/sunset',
  ],
  ['a sunset on no day', { versions: { v1: { sunset: '2026-02-30' } } }, 'versions/v1/sunset'],
])('%s is a problem, told at its place', (_what, more, path) => {
  expect(pathsOf(more)).toEqual([path])
})
