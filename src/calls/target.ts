/** The URL of a target: what may be one, and what is read from it. */
import { isResolved } from '../match/resolved.ts'
import type { Target } from './call.ts'

export const expectedTarget =
  'http(s)://host[:port][/base] without user, query and fragment, or binding://NAME'

/** What no call could be made to: a port or address that is none, a base path that would not stay as it is. */
export function isReachable(target: string): boolean {
  const [, base = ''] = /^[a-z]+:\/\/[^/]*(\/.*)?$/.exec(target) ?? []
  if (base !== '' && !isResolved(base)) return false
  return target.startsWith('binding:') || (URL.canParse(target) && new URL(target).port !== '0')
}

export const targetForm =
  /^(https?:\/\/(\[[0-9A-Fa-f:.]+\]|[A-Za-z0-9_.-]{1,253})(:[0-9]{1,5})?(\/[^?#\\\s]*)?|binding:\/\/[A-Za-z_][A-Za-z0-9_]*(\/[^?#\\\s]*)?)$/

/** The same rule for what comes from elsewhere; bindings are the operator's to name, in the table alone. */
export function isRemoteTarget(url: string): boolean {
  return url.startsWith('http') && targetForm.test(url) && isReachable(url)
}

/** A target from its URL, which was judged. */
export function makeTarget(
  url: string,
  rest: Pick<Target, 'index' | 'weight' | 'priority' | 'zone' | 'draining'>,
): Target {
  const base = url.endsWith('/') ? url.slice(0, -1) : url
  const binding = /^binding:\/\/([^/]+)(.*)$/.exec(base)
  if (binding === null) return { ...rest, url, base, binding: null }
  const [, name = '', path = ''] = binding
  return { ...rest, url, base: path, binding: name }
}
