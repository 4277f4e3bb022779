/** Well-known paths (RFC 8615) that the gateway may answer by itself. */

/** RFC 9728 §3. */
export const PROTECTED_RESOURCE_PATH = '/.well-known/oauth-protected-resource'
/** The public keys of tokens that the gateway signs (RFC 7517 §5). */
export const JWKS_PATH = '/.well-known/jwks.json'
