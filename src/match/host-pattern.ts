/**
 * Host names, of the table and of requests, in one form: lower case, no port, no brackets, one trailing
 * dot dropped, names in Unicode as punycode (ROUTES.md §2).
 */

export type HostPattern =
  | { readonly kind: 'exact'; readonly name: string }
  /** `*.example.com`: one or more labels before `.example.com`. */
  | { readonly kind: 'wildcard'; readonly suffix: string }
  | { readonly kind: 'invalid'; readonly expected: string }

/** What a Host header may be: the name or the text in brackets, and a port. */
const authorityForm = /^(?:([A-Za-z0-9_.-]{1,253})|\[([0-9A-Fa-f:.]+)\])(?::([0-9]{0,5}))?$/

// A name that is its own normal form: nearly every request, so no captures are made for it.
const usualForm = /^[a-z0-9_.-]{0,252}[a-z0-9_-]$/

export type Authority =
  | { readonly kind: 'authority'; readonly host: string; readonly port: string }
  | { readonly kind: 'invalid' }

/** Reads `host[:port]`. The port is as written; a host in brackets is given without them, in its shortest form. */
export function parseAuthority(text: string): Authority {
  if (usualForm.test(text)) return { kind: 'authority', host: text, port: '' }
  const found = authorityForm.exec(text)
  if (found === null) return notAnAuthority
  const [, name, literal, port = ''] = found
  if (port !== '' && Number(port) > 65_535) return notAnAuthority
  const host = name === undefined ? canonicalV6(literal as string) : withoutDot(name.toLowerCase())
  return host === null || host === '' ? notAnAuthority : { kind: 'authority', host, port }
}

/** Whether the text is what a Host header may be. */
export function isAuthority(text: string): boolean {
  return parseAuthority(text).kind === 'authority'
}

const notAnAuthority: Authority = Object.freeze({ kind: 'invalid' })

function withoutDot(name: string): string {
  return name.endsWith('.') ? name.slice(0, -1) : name
}

function canonicalV6(literal: string): string | null {
  const url = `http://[${literal}]`
  return URL.canParse(url) ? new URL(url).hostname.slice(1, -1) : null
}

const expectedHost =
  'a host name such as "api.example.com", or "*.example.com" for every name below it'

/** Reads an entry of `hosts`. */
export function parseHostPattern(text: string): HostPattern {
  if (text === '*')
    return { kind: 'invalid', expected: 'a host name; leave out `hosts` for all hosts' }
  const wildcard = text.startsWith('*.')
  const ascii = toAscii(wildcard ? text.slice(2) : text)
  const authority = ascii === null ? notAnAuthority : parseAuthority(ascii)
  if (authority.kind === 'invalid') return { kind: 'invalid', expected: expectedHost }
  const { host } = authority
  if (host.includes(':')) {
    return wildcard ? { kind: 'invalid', expected: expectedHost } : { kind: 'exact', name: host }
  }
  // Requests with empty labels can exist, but a table that has one has a typing error.
  if (host.split('.').includes('')) return { kind: 'invalid', expected: expectedHost }
  return wildcard ? { kind: 'wildcard', suffix: host } : { kind: 'exact', name: host }
}

/** Punycode for names beyond ASCII; null where the name is none (UTS #46). */
function toAscii(text: string): string | null {
  if (/^[\x00-\x7f]*$/.test(text)) return text
  const [name = '', port] = text.split(/:(?=[0-9]*$)/)
  if (/[/?#@\\\s]/.test(name) || !URL.canParse(`http://${name}`)) return null
  const { hostname } = new URL(`http://${name}`)
  return port === undefined ? hostname : `${hostname}:${port}`
}
