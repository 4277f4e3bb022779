/**
 * Runs an identity policy: what a verified, a missing and a bad credential come to is written here once. In
 * shadow mode a verified credential gives its caller, and nothing else happens (ROUTES.md §1).
 */

import type { Handler } from '../config/plan.ts'
import { refuse } from '../errors/refusal.ts'
import { takeOut } from '../http/credentials.ts'
import type { Answer, Consumer, Exchange, Identity } from './exchange.ts'
import type { Authentication, Caller, Identify, Next } from './policy.ts'

/** The entry of `consumers` that a caller is, or null. */
export type ResolveConsumer = (caller: Caller) => Consumer | null

export interface IdentifyStep {
  readonly policy: Identify
  readonly name: string
  readonly mode: 'enforce' | 'shadow'
  readonly resolve: ResolveConsumer
}

type Verified = Extract<Authentication, { kind: 'verified' }>

export function bindIdentify(step: IdentifyStep, next: Next): Handler {
  return step.mode === 'enforce' ? bindEnforced(step, next) : bindWatched(step, next)
}

function bindEnforced(step: IdentifyStep, next: Next): Handler {
  return function identify(exchange) {
    const found = step.policy.authenticate(exchange)
    return found instanceof Promise
      ? found.then((late) => enforce(step, exchange, late, next))
      : enforce(step, exchange, found, next)
  }
}

/** What is only watched harms nobody, not even where it fails. */
function bindWatched(step: IdentifyStep, next: Next): Handler {
  return async function watchIdentity(exchange) {
    try {
      watch(step, exchange, await step.policy.authenticate(exchange))
    } catch {
      exchange.event.policies[step.name] = 'failed'
    }
    return next(exchange)
  }
}

function enforce(
  { policy, name, resolve }: IdentifyStep,
  exchange: Exchange,
  found: Authentication,
  next: Next,
): Answer | Promise<Answer> {
  const { policies } = exchange.event
  switch (found.kind) {
    case 'verified':
      policies[name] = 'passed'
      setIdentity(exchange, found, resolve)
      passOn(exchange, found)
      return next(exchange)
    case 'admitted':
      policies[name] = found.reason === undefined ? 'passed' : `passed:${found.reason}`
      exchange.admitted = [...(exchange.admitted ?? []), ...Object.entries(found.forward)]
      passOn(exchange, found)
      return next(exchange)
    case 'absent':
      policies[name] = policy.optional ? 'anonymous' : 'refused:credentials-missing'
      return policy.optional ? next(exchange) : missing(policy.challenge)
    case 'refused':
      policies[name] = `refused:${found.reason}`
      return found.answer ?? found.refusal
    case 'unavailable':
      policies[name] = `refused:${found.reason}`
      return found.refusal
  }
}

/** Takes spent credentials out, then writes what is forwarded: a field may stand where a credential stood. */
function passOn(
  { outgoing }: Exchange,
  { spent, forward }: Extract<Authentication, { kind: 'verified' | 'admitted' }>,
): void {
  for (const place of spent) takeOut(outgoing, place)
  for (const field of Object.keys(forward)) outgoing.headers[field] = forward[field] as string
}

function watch(
  { policy, name, resolve }: IdentifyStep,
  exchange: Exchange,
  found: Authentication,
): void {
  const { policies } = exchange.event
  if (found.kind === 'verified') {
    policies[name] = 'would-pass'
    setIdentity(exchange, found, resolve)
  } else if (found.kind === 'admitted') {
    policies[name] = 'would-pass'
  } else if (found.kind === 'absent') {
    policies[name] = policy.optional ? 'would-pass' : 'would-refuse:credentials-missing'
  } else policies[name] = `would-refuse:${found.reason}`
}

/** A challenge without an error code: nothing was sent that could be wrong (RFC 6750 §3.1). */
function missing(challenge: string): Answer {
  return refuse('CREDENTIALS_MISSING', { headers: { 'www-authenticate': challenge } })
}

function setIdentity(exchange: Exchange, { caller }: Verified, resolve: ResolveConsumer): void {
  const identity = identityOf(caller, resolve)
  exchange.identity = identity
  exchange.event.consumer = identity.consumer?.name ?? null
}

/** What a verified caller is in this table. */
export function identityOf(caller: Caller, resolve: ResolveConsumer): Identity {
  const consumer = resolve(caller)
  return {
    authority: caller.authority,
    subject: caller.subject,
    claims: caller.claims,
    roles: consumer === null ? caller.roles : [...caller.roles, ...consumer.roles],
    scopes: caller.scopes,
    permissions: caller.permissions,
    consumer,
  }
}
