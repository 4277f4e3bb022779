/** The one error class: something that should not have happened, with the code that the client sees. */
import type { Code } from './catalogue.ts'
import type { Refusal } from './refusal.ts'

export class GatewayError extends Error {
  readonly code: Code
  readonly refusal: Refusal

  constructor(refusal: Refusal, options?: ErrorOptions) {
    super(refusal.detail ?? refusal.code, options)
    this.name = 'GatewayError'
    this.code = refusal.code
    this.refusal = refusal
  }
}
