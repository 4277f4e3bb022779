/**
 * `basic-auth`: users of the table by name and password. An unknown name takes the same work and gives the same
 * answer as a wrong password.
 */
import { refuse } from '../../errors/refusal.ts'
import { digestOf, isEqual } from '../../identity/equal.ts'
import { bindForward, reservedBy } from '../../identity/forward.ts'
import { readSecret } from '../../identity/read-secret.ts'
import { bindTokenPlaces } from '../../identity/token-places.ts'
import type {
  Authentication,
  BindContext,
  CredentialPlace,
  Identify,
  PolicyDefinition,
} from '../../pipeline/policy.ts'
import { parseBasic } from './core.ts'
import type { BasicAuthOptions } from './schema.ts'

export const definition: PolicyDefinition<BasicAuthOptions> = {
  use: 'basic-auth',
  stage: 'identify',
  arity: 'one',
  summary: 'Knows callers by name and password.',
  bind: bindBasicAuth,
  reserves: ({ forward }) => reservedBy(forward),
}

const AUTHORITY = 'basic'

function bindBasicAuth(options: BasicAuthOptions, context: BindContext): Identify {
  const passwords = new Map(
    Object.entries(options.users).map(([user, { password }]) => {
      const key = user.replaceAll('~', '~0').replaceAll('/', '~1')
      const pointer = `${context.pointer}/users/${key}/password`
      return [user, readSecret(context, pointer, password)] as const
    }),
  )
  // Compared for an unknown name, so that it takes as long as a known one.
  const [decoy] = passwords.values()
  const challenge = `Basic realm="${options.realm ?? 'api'}", charset="UTF-8"`
  const refusal = refuse('CREDENTIALS_INVALID', { headers: { 'www-authenticate': challenge } })
  const refused = (reason: string): Authentication => ({ kind: 'refused', refusal, reason })
  const read = bindTokenPlaces(undefined, { header: 'authorization', prefix: 'Basic' })
  const forward = bindForward(options.forward)

  async function verify(token: string, place: CredentialPlace): Promise<Authentication> {
    const credentials = parseBasic(token)
    if (credentials === null) return refused('credentials-malformed')
    const { user } = credentials
    const password = passwords.get(user)
    const [sent, expected] = await Promise.all([
      digestOf(credentials.password),
      digestOf((password ?? decoy)?.reveal() ?? ''),
    ])
    const isRight = isEqual(sent, expected)
    if (password === undefined) return refused('user-unknown')
    if (!isRight) return refused('password-wrong')
    const claims = { sub: user }
    return {
      kind: 'verified',
      caller: {
        authority: AUTHORITY,
        subject: user,
        claims,
        roles: [],
        scopes: [],
        permissions: [],
        consumer: null,
      },
      spent: options.passOn === true ? [] : [place],
      forward: forward(claims),
    }
  }

  return {
    kind: 'identify',
    optional: options.optional ?? false,
    challenge,
    authenticate: function basicAuth(exchange) {
      const found = read(exchange)
      switch (found.kind) {
        case 'absent':
          return found
        case 'twice':
          return refused('credentials-twice')
        case 'found':
          return verify(found.token, found.place)
      }
    },
  }
}
