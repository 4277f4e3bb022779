import { expect, test } from 'vitest'
import { profileOf } from './presets.ts'

test.each([
  [
    { cognito: { region: 'eu-west-1', userPoolId: 'eu-west-1_aB3dE5fGh' } },
    {
      issuers: ['https://cognito-idp.eu-west-1.amazonaws.com/eu-west-1_aB3dE5fGh'],
      jwksUrl:
        'https://cognito-idp.eu-west-1.amazonaws.com/eu-west-1_aB3dE5fGh/.well-known/jwks.json',
      rolesClaim: 'cognito:groups',
      audienceClaims: ['aud', 'client_id'],
    },
  ],
  [
    { auth0: { domain: 'example.eu.auth0.com' } },
    {
      issuers: ['https://example.eu.auth0.com/'],
      jwksUrl: 'https://example.eu.auth0.com/.well-known/jwks.json',
      permissionsClaim: 'permissions',
    },
  ],
  [
    { entra: { tenant: '11111111-2222-3333-4444-555555555555' } },
    {
      issuers: [
        'https://login.microsoftonline.com/11111111-2222-3333-4444-555555555555/v2.0',
        'https://sts.windows.net/11111111-2222-3333-4444-555555555555/',
      ],
      jwksUrl:
        'https://login.microsoftonline.com/11111111-2222-3333-4444-555555555555/discovery/v2.0/keys',
    },
  ],
  [{ google: {} }, { jwksUrl: 'https://www.googleapis.com/oauth2/v3/certs' }],
  [
    { keycloak: { url: 'https://id.example.com/', realm: 'my shop' } },
    {
      issuers: ['https://id.example.com/realms/my%20shop'],
      jwksUrl: 'https://id.example.com/realms/my%20shop/protocol/openid-connect/certs',
      rolesClaim: '/realm_access/roles',
    },
  ],
])('%j is a profile', (preset, profile) => {
  expect(profileOf(preset)).toMatchObject(profile)
})

test('no profile takes HMAC', () => {
  const presets = [
    { cognito: { region: 'eu-west-1', userPoolId: 'eu-west-1_a' } },
    { auth0: { domain: 'example.eu.auth0.com' } },
    { entra: { tenant: '11111111-2222-3333-4444-555555555555' } },
    { google: {} },
    { keycloak: { url: 'https://id.example.com', realm: 'shop' } },
  ]
  const all = presets.flatMap((preset) => profileOf(preset).algorithms)
  expect(all.filter((alg) => alg.startsWith('HS'))).toEqual([])
})
