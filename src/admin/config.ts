/** What the operator set for the admin surface: two secrets and one variable of the Worker. */

export interface AdminConfig {
  /** Null hides everything under /_gateway that is not public. */
  readonly token: string | null
  /** Accepted as well, so that a token can be changed without a gap. */
  readonly nextToken: string | null
  /** Lower-case names that the hidden part answers on; null is any host. */
  readonly hosts: ReadonlySet<string> | null
}
