/**
 * What `preset` stands for: issuer, keys, algorithms and the places of claims of well-known identity providers, as
 * their documentation states them. Pure.
 */
import { publicKeyAlgorithms } from './algorithms.ts'

export interface Preset {
  readonly cognito?: { readonly region: string; readonly userPoolId: string } | undefined
  readonly auth0?: { readonly domain: string } | undefined
  readonly entra?: { readonly tenant: string } | undefined
  readonly google?: object | undefined
  readonly keycloak?: { readonly url: string; readonly realm: string } | undefined
}

export interface ProviderProfile {
  readonly issuers: readonly string[]
  readonly jwksUrl: string
  readonly algorithms: readonly string[]
  /** The claims that may name the audience: the first that the token has counts. */
  readonly audienceClaims: readonly string[]
  readonly rolesClaim?: string
  readonly permissionsClaim?: string
}

const aud = ['aud']

/** The profile of the one provider that is given. */
export function profileOf(preset: Preset): ProviderProfile {
  if (preset.cognito !== undefined) return cognito(preset.cognito)
  if (preset.auth0 !== undefined) return auth0(preset.auth0)
  if (preset.entra !== undefined) return entra(preset.entra)
  if (preset.keycloak !== undefined) return keycloak(preset.keycloak)
  return google
}

function cognito({ region, userPoolId }: NonNullable<Preset['cognito']>): ProviderProfile {
  const issuer = `https://cognito-idp.${region}.amazonaws.com/${userPoolId}`
  return {
    issuers: [issuer],
    jwksUrl: `${issuer}/.well-known/jwks.json`,
    algorithms: ['RS256'],
    // An access token has no `aud`: `client_id` says for which app client it was made. An ID token has `aud`.
    audienceClaims: ['aud', 'client_id'],
    rolesClaim: 'cognito:groups',
  }
}

function auth0({ domain }: NonNullable<Preset['auth0']>): ProviderProfile {
  return {
    // The slash is part of the issuer.
    issuers: [`https://${domain}/`],
    jwksUrl: `https://${domain}/.well-known/jwks.json`,
    algorithms: ['RS256'],
    audienceClaims: aud,
    permissionsClaim: 'permissions',
  }
}

function entra({ tenant }: NonNullable<Preset['entra']>): ProviderProfile {
  const login = `https://login.microsoftonline.com/${tenant}`
  return {
    // An API gets tokens of version 1 unless its registration asks for version 2.
    issuers: [`${login}/v2.0`, `https://sts.windows.net/${tenant}/`],
    jwksUrl: `${login}/discovery/v2.0/keys`,
    algorithms: ['RS256'],
    audienceClaims: aud,
    rolesClaim: 'roles',
  }
}

const google: ProviderProfile = {
  issuers: ['https://accounts.google.com', 'accounts.google.com'],
  jwksUrl: 'https://www.googleapis.com/oauth2/v3/certs',
  algorithms: ['RS256'],
  audienceClaims: aud,
}

function keycloak({ url, realm }: NonNullable<Preset['keycloak']>): ProviderProfile {
  const issuer = `${url.replace(/\/$/, '')}/realms/${encodeURIComponent(realm)}`
  return {
    issuers: [issuer],
    jwksUrl: `${issuer}/protocol/openid-connect/certs`,
    // What a realm can be told to sign with; RS256 unless it is.
    algorithms: publicKeyAlgorithms,
    audienceClaims: aud,
    rolesClaim: '/realm_access/roles',
  }
}
