/** What `mirror` means to the upstream's object; null where nothing is mirrored. */
import type { MirrorRules } from './part.ts'
import { type MirrorOptions, mirrorsOf } from './schema.ts'

export function mirrorRules(mirror: MirrorOptions | undefined): MirrorRules | null {
  const upstreams = mirrorsOf(mirror).map(({ upstream }) => upstream)
  return upstreams.length === 0 ? null : { upstreams: [...new Set(upstreams)] }
}
