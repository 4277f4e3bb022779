/** What conditions look at: the request as received, as plain data. */
import type { Fields } from '../http/headers.ts'
import type { Client } from '../pipeline/exchange.ts'

/** The body as far as body conditions need it: `unread` until one of them asks. */
export type BodySubject =
  | { readonly kind: 'unread' }
  | { readonly kind: 'json'; readonly value: unknown }
  /** Another media type, or no body: body conditions do not match. */
  | { readonly kind: 'other' }

export interface Subject {
  readonly method: string
  /** Lower-case, without port and trailing dot. */
  readonly host: string
  /** Normalized and still encoded. */
  readonly path: string
  /** With its "?", or empty. */
  readonly query: string
  readonly headers: Readonly<Fields>
  readonly client: Client
  readonly body: BodySubject
}
