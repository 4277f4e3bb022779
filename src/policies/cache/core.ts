/** Who may use the store, by method and identity. Pure. */

export type Use =
  | { readonly kind: 'stored' }
  /** The request passes by, for this reason; a change that it makes is still seen. */
  | { readonly kind: 'bypassed'; readonly reason: 'method' | 'bypass'; readonly detail: string }

export interface Asking {
  readonly method: string
  readonly isUpgrade: boolean
  readonly isIdentified: boolean
  /** It carries a field by which a service may take it for another request. */
  readonly isDisguised: boolean
  /** `bypass` holds. */
  readonly isExcepted: boolean
}

export interface UseRules {
  readonly methods: ReadonlySet<string>
  /** Null where identity decides. */
  readonly isPrivate: boolean | null
}

const stored: Use = { kind: 'stored' }

export function judgeUse(asking: Asking, { methods, isPrivate }: UseRules): Use {
  if (!methods.has(asking.method)) return { kind: 'bypassed', reason: 'method', detail: 'method' }
  if (asking.isUpgrade) return { kind: 'bypassed', reason: 'bypass', detail: 'upgrade' }
  if (asking.isExcepted) return { kind: 'bypassed', reason: 'bypass', detail: 'rule' }
  if (asking.isDisguised) return { kind: 'bypassed', reason: 'bypass', detail: 'override-field' }
  if (isPrivate === true && !asking.isIdentified) {
    return { kind: 'bypassed', reason: 'bypass', detail: 'anonymous' }
  }
  return stored
}

/** Whether the answer is for all callers, or for this one alone (ROUTES.md §5). */
export function isShared(isIdentified: boolean, isPrivate: boolean | null): boolean {
  return isPrivate === null ? !isIdentified : !isPrivate
}

/**
 * Fields by which frameworks take a request for one of another method, host or path. They are in no key, so an answer
 * to such a request is no answer to the request as it looks (cache poisoning).
 */
export const disguises: readonly string[] = [
  'x-host',
  'x-http-method',
  'x-http-method-override',
  'x-method-override',
  'x-original-host',
  'x-original-url',
  'x-rewrite-url',
]
