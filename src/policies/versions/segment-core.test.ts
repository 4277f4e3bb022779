import { expect, test } from 'vitest'
import { replaceSegment } from './segment-core.ts'

test.each([
  ['/v1/users/7', '/:version/users/*', null, '/users/7'],
  ['/v1/users/7', '/:version/users/*', 'v3', '/v3/users/7'],
  ['/api/v1/v1', '/api/:version/*', null, '/api/v1'],
  ['/v1', '/:version', null, '/'],
  ['/v1/', '/:version/*', null, '/'],
  ['/%761/a', '/:version/*', null, '/a'],
  ['/%FF/a', '/:version/*', null, '/%FF/a'],
  ['/users/7', '/:version/users/*', null, '/users/7'],
  ['/a/v1/b', '^/a/(?<version>v[0-9])/', null, '/a/b'],
  ['/a/b', '^/a/(?<version>v[0-9])/', null, '/a/b'],
])('%s of %s goes on, with %j in its place, as %s', (path, pattern, told, expected) => {
  expect(replaceSegment(path, { pattern, name: 'version', value: 'v1', matched: path }, told)).toBe(
    expected,
  )
})

test.each([
  ['/v1/users', '/api/v1/users', '/api/:version/*', '/users'],
  ['/v1/users', '/api/shop/v1/users', '/api/shop/:version/*', '/users'],
  // What stood before is gone, the version with it: the second one is not a version.
  ['/v1/users', '/api/v1/v1/users', '/api/:version/*', '/v1/users'],
  ['/users', '/api/v1/users', '/api/:version/*', '/users'],
])(
  '%s, of which %s matched %s, goes on without the version as %s',
  (path, matched, pattern, expected) => {
    const named = { pattern, name: 'version', value: 'v1', matched }
    expect(replaceSegment(path, named, null)).toBe(expected)
  },
)
