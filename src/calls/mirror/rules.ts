/** What `mirror` means to the upstream's object; null where nothing is mirrored. */
import type { MirrorRules } from './part.ts'
import type { MirrorEntry, MirrorOptions } from './schema.ts'

/** One or a list, as a list. */
export function mirrorsOf(mirror: MirrorOptions | undefined): readonly MirrorEntry[] {
  if (mirror === undefined) return []
  return Array.isArray(mirror) ? mirror : [mirror]
}

export function mirrorRules(mirror: MirrorOptions | undefined): MirrorRules | null {
  const upstreams = mirrorsOf(mirror).map(({ upstream }) => upstream)
  return upstreams.length === 0 ? null : { upstreams: [...new Set(upstreams)] }
}
