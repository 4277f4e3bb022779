/** The URL of a target: what may be one, and what is read from it. */
import * as z from 'zod/mini'
import { isResolved } from '../match/path-form.ts'
import { text } from '../schema/atoms.ts'
import type { Target } from './call.ts'

const expectedTarget =
  'http(s)://host[:port][/base] without user, query and fragment, or binding://NAME'

/** What no call could be made to: a port or address that is none, a base path that would not stay as it is. */
function isReachable(target: string): boolean {
  const [, base = ''] = /^[a-z]+:\/\/[^/]*(\/.*)?$/.exec(target) ?? []
  if (base !== '' && !isResolved(base)) return false
  return target.startsWith('binding:') || (URL.canParse(target) && new URL(target).port !== '0')
}

const targetForm =
  /^(https?:\/\/(\[[0-9A-Fa-f:.]+\]|[A-Za-z0-9_.-]{1,253})(:[0-9]{1,5})?(\/[^?#\\\s]*)?|binding:\/\/[A-Za-z_][A-Za-z0-9_]*(\/[^?#\\\s]*)?)$/

/** `http(s)://host[:port][/base]` with no user, query or fragment, or `binding://NAME`. */
export const targetUrl = text(
  z.regex(targetForm, { error: expectedTarget }),
  z.refine(isReachable, { error: `expected ${expectedTarget}` }) as z.core.$ZodCheck<string>,
)

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
