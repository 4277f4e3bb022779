/** Finds the route of a request (ROUTES.md §2). Pure: a table of matches in, an outcome out. */
import type { Refusal } from '../errors/refusal.ts'
import type { Subject } from './subject.ts'

export type Found =
  | {
      readonly kind: 'matched'
      /** Index of the route in the document. */
      readonly route: number
      readonly params: Readonly<Record<string, string>>
      /** The path pattern that held, as written: the template of logs and metrics. */
      readonly pattern: string
    }
  /** A route still in the running looks at the body: read it, then ask again. */
  | { readonly kind: 'needs-body'; readonly limitBytes: number }
  | { readonly kind: 'method-not-allowed'; readonly allow: readonly string[] }
  | { readonly kind: 'not-found' }
  | Refusal

export interface Matcher {
  find(subject: Subject): Found
  /**
   * The route of the method that a CORS preflight asks for, which stands in `subject.method`. Conditions on
   * headers and body are left out: a preflight carries neither (Fetch §4.8).
   */
  findPreflight(subject: Subject): Found
}
