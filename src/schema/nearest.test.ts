import { expect, test } from 'vitest'
import { nearest } from './nearest.ts'

test.each([
  ['upsteam', 'upstream'],
  ['method', 'methods'],
  ['wieght', 'weight'],
  ['timeout', 'timeoutMs'],
  ['max_age_seconds', 'maxAgeSeconds'],
  ['cros', 'cors'],
])('%s is taken for %s', (name, meant) => {
  const candidates = ['upstream', 'methods', 'weight', 'timeoutMs', 'maxAgeSeconds', 'cors']
  expect(nearest(name, candidates)).toBe(meant)
})

test.each([['plans'], ['x'], ['retry'], ['']])('%j is near to nothing', (name) => {
  expect(nearest(name, ['paths', 'routes', 'kind', 'a'])).toBeNull()
})

test('a hostile name of any length costs nothing', () => {
  expect(nearest('a'.repeat(1_000_000), ['a'])).toBeNull()
})
