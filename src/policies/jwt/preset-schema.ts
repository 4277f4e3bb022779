/** `preset`: which identity provider, and which of its tenants. */
import * as z from 'zod/mini'
import { described, object, text } from '../../schema/atoms.ts'
import { withRule } from '../../schema/rule.ts'

const hostName = text(
  z.regex(/^(?=.{4,253}$)[a-z0-9-]+(?:\.[a-z0-9-]+)+$/, {
    error: 'a domain such as "example.eu.auth0.com", without scheme and path',
  }),
)

const tenant = text(
  z.regex(/^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/, {
    error:
      'the id of one tenant, in lower case: tokens of "common" and "organizations" come from anyone',
  }),
)

export const presets = ['cognito', 'auth0', 'entra', 'google', 'keycloak'] as const

export const presetSchema = withRule(
  object({
    cognito: described(
      'A user pool of Amazon Cognito.',
      z.optional(
        object({
          region: described(
            'The region of the pool, such as `eu-west-1`.',
            text(z.regex(/^[a-z]{2}(?:-[a-z]+)+-\d$/, { error: 'a region such as "eu-west-1"' })),
          ),
          userPoolId: described(
            'The id of the pool, such as `eu-west-1_aB3dE5fGh`.',
            text(z.regex(/^[\w-]+_[0-9A-Za-z]+$/, { error: 'the id of a user pool' })),
          ),
        }),
      ),
    ),
    auth0: described(
      'A tenant of Auth0.',
      z.optional(
        object({ domain: described('The domain of the tenant, or its own domain.', hostName) }),
      ),
    ),
    entra: described(
      'A tenant of Microsoft Entra ID; tokens of both versions.',
      z.optional(object({ tenant: described('The id of the tenant.', tenant) })),
    ),
    google: described(
      'ID tokens of Google; needs `audience`, since Google makes tokens for everyone.',
      z.optional(object({})),
    ),
    keycloak: described(
      'A realm of Keycloak.',
      z.optional(
        object({
          url: described(
            'Where Keycloak is, as tokens have it in `iss`, without `/realms/…`.',
            text(
              z.regex(/^https?:\/\/[^\s/?#\\@]+(?:\/[^\s?#\\]*)?$/, {
                error: 'a URL such as "https://id.example.com"',
              }),
            ),
          ),
          realm: described('The name of the realm.', text(z.minLength(1))),
        }),
      ),
    ),
  }),
  (written, note) => {
    const given = presets.filter((name) => written[name] !== undefined)
    if (given.length === 0) note([], `expected one of ${presets.join(', ')}`)
    for (const name of given.slice(1)) {
      note([name], `expected only one of ${presets.join(', ')}, found "${given[0]}" too`)
    }
  },
)
