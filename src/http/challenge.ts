/**
 * Challenges of WWW-Authenticate (RFC 9110 §11.6.1): a list over all header lines, in which a comma parts both
 * challenges and their parameters.
 */

// What stands in quotes is text, whatever it looks like; a scheme stands at the start or after a comma.
const BEARER = /"(?:\\.|[^"\\])*"|(^|,\s*)(Bearer)(?=\s*,|\s*$|(\s+))/gi

/** The challenges with this parameter added to each of the scheme Bearer. */
export function addToBearer(challenges: string, name: string, value: string): string {
  const parameter = `${name}=${quote(value)}`
  return challenges.replace(
    BEARER,
    (all: string, before: string | undefined, scheme: string | undefined, more?: string) => {
      if (scheme === undefined) return all
      return `${before}${scheme} ${parameter}${more === undefined ? '' : ','}`
    },
  )
}

/** A quoted-string (RFC 9110 §5.6.4). */
function quote(value: string): string {
  return `"${value.replace(/["\\]/g, '\\$&')}"`
}
