/**
 * What a document under /.well-known/ is to the gateway. It is public, and served before routes where something
 * in the table needs it and no route has that exact path (ROUTES.md §8).
 */
import type { Handler } from '../config/plan.ts'
import type { RouteTable } from '../config/schema.ts'
import { refuse } from '../errors/refusal.ts'
import type { Exchange } from '../pipeline/exchange.ts'
import type { Environment } from '../platform/ports.ts'

/** What a document is made from: the table, and what holds for the whole of it. */
export interface WellKnownParts {
  readonly table: RouteTable
  readonly environment: Environment
  /** Every policy of the table that is not off, those within others included. */
  readonly entries: readonly WellKnownEntry[]
  /** The token issuers that the table trusts, each once. */
  readonly issuers: readonly string[]
}

/** A policy of the table, as the schema left it. */
export interface WellKnownEntry {
  readonly use: string
}

export interface WellKnownDocument {
  /** The exact path, normalized. */
  readonly path: string
  /** Answers for the document, or null where nothing in the table needs it. */
  bind(parts: WellKnownParts): Handler | null
}

// Long enough to spare the gateway, short enough for a new key or issuer to be seen soon.
const FRESH_SECONDS = 300

/**
 * Answers GET and HEAD with JSON that any page may read: browsers run clients as well, and a document of public
 * facts needs no guard. The answer to their preflight is the same for everyone.
 */
export function answerDocument(exchange: Exchange, document: object): ReturnType<Handler> {
  switch (exchange.method) {
    case 'GET':
    case 'HEAD':
      return Response.json(document, { headers: fields })
    case 'OPTIONS':
      return new Response(null, { status: 204, headers: preflightFields })
    default:
      return notAllowed
  }
}

const methods = ['GET', 'HEAD', 'OPTIONS']

const fields = {
  'Access-Control-Allow-Origin': '*',
  'Cache-Control': `public, max-age=${FRESH_SECONDS}`,
  'X-Content-Type-Options': 'nosniff',
}

const preflightFields = {
  Allow: methods.join(', '),
  'Access-Control-Allow-Origin': '*',
  'Access-Control-Allow-Methods': 'GET, HEAD',
  'Access-Control-Allow-Headers': '*',
}

const notAllowed = refuse('METHOD_NOT_ALLOWED', {
  headers: { allow: methods.join(', ') },
  members: { allow: methods },
})
