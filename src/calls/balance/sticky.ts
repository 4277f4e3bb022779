/**
 * `sticky`: the cookie's value is the target's own name, an HMAC that nobody without the secret can make. The names
 * are made once, when the first call needs them: after that a call costs one look into a map.
 */
import { readCookie } from '../../http/cookies.ts'
import { Secret } from '../../http/secret.ts'
import type { Exchange } from '../../pipeline/exchange.ts'
import type { BindScope } from '../../pipeline/policy.ts'
import type { Call } from '../call.ts'
import type { CallScope } from '../order.ts'
import type { StickyOptions } from './schema.ts'
import { cookieText, namedText, nameOf } from './sticky-core.ts'

export interface Sticky {
  readonly isReady: boolean
  /** Makes the names. */
  prepare(): Promise<void>
  /** Index of the target that the request's cookie names; null where it names none of them. */
  read(exchange: Exchange): number | null
  /** Binds the client to the target, with the answer. */
  write(call: Call, index: number): void
}

/** Null where the upstream does not ask for it. */
export function bindSticky(scope: CallScope): Sticky | null {
  const { options: upstreamOptions, name: upstream, targets } = scope
  const { sticky: options } = upstreamOptions
  if (options === undefined) return null
  const form = { name: options.cookie, ttlSeconds: options.ttlSeconds ?? null }
  const secret = bindSecret(options, scope)
  let names: readonly string[] = []
  let indexes: ReadonlyMap<string, number> = new Map()
  return {
    get isReady() {
      return names.length > 0
    },
    async prepare() {
      const made = await signAll(
        secret,
        targets.map(({ url }) => namedText(upstream, url)),
      )
      indexes = new Map(made.map((name, index) => [name, index]))
      names = made
    },
    read(exchange) {
      const value = readCookie(exchange.received.cookie, form.name)
      return value === null ? null : (indexes.get(value) ?? null)
    },
    write({ exchange, edits }, index) {
      const secure = exchange.target.scheme === 'https'
      const value = cookieText(form, names[index] as string, secure)
      edits.push({ kind: 'add', name: 'set-cookie', value })
    },
  }
}

function bindSecret({ secret }: StickyOptions, scope: BindScope): Secret {
  // Blanks around it are no part of a secret, as in header values.
  const text = scope.environment.secret(secret.secret)?.trim()
  const pointer = `${scope.pointer}/sticky/secret`
  if (text === undefined) scope.missing(pointer, 'SECRET_MISSING', secret.secret)
  else if (text === '') scope.missing(pointer, 'SECRET_INVALID', secret.secret, 'that is not empty')
  return new Secret(`${secret.prefix ?? ''}${text ?? ''}`)
}

async function signAll(secret: Secret, texts: readonly string[]): Promise<readonly string[]> {
  const encoder = new TextEncoder()
  const hmac = { name: 'HMAC', hash: 'SHA-256' }
  const raw = encoder.encode(secret.reveal())
  const key = await crypto.subtle.importKey('raw', raw, hmac, false, ['sign'])
  const signatures = await Promise.all(
    texts.map((text) => crypto.subtle.sign('HMAC', key, encoder.encode(text))),
  )
  return signatures.map(nameOf)
}
