import { expect, test } from 'vitest'
import { discoveryOf, readMetadata } from './discovery.ts'

const issuer = 'https://id.example.com'
const jwks = 'https://keys.example.com/set'

test.each([
  [issuer, `${issuer}/.well-known/openid-configuration`],
  [`${issuer}/`, `${issuer}/.well-known/openid-configuration`],
  [`${issuer}/realms/a`, `${issuer}/realms/a/.well-known/openid-configuration`],
])('the metadata of %s is at %s', (of, url) => {
  expect(discoveryOf(of).url).toBe(url)
})

test('metadata says where the keys are', () => {
  expect(readMetadata({ issuer, jwks_uri: jwks }, issuer)).toEqual({ jwksUrl: jwks })
})

test.each([
  ['of another issuer', { issuer: 'https://evil.example', jwks_uri: jwks }],
  ['of an issuer that differs by a slash', { issuer: `${issuer}/`, jwks_uri: jwks }],
  ['without keys', { issuer }],
  ['with keys by plain HTTP', { issuer, jwks_uri: 'http://keys.example.com/set' }],
  ['with keys in a file', { issuer, jwks_uri: 'file:///etc/keys' }],
  ['with no URL', { issuer, jwks_uri: 'https://' }],
  ['that are null', null],
  ['that are a list', []],
])('metadata %s are refused', (_, json) => {
  expect(readMetadata(json, issuer)).toBeNull()
})

test('an issuer by plain HTTP may have its keys there', () => {
  const local = 'http://127.0.0.1:9000'
  const json = { issuer: local, jwks_uri: `${local}/jwks` }
  expect(readMetadata(json, local)).toEqual({ jwksUrl: `${local}/jwks` })
})
