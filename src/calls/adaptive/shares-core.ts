/**
 * Who is let through when not all can be: the more important first (ROUTES.md §3, `priority`). Pure.
 */
import type { Priority } from '../../schema/limits.ts'

/** A number for each priority. */
export type ByPriority = { readonly [Name in Priority]: number }

/** The most important first: the order in which they are served. */
export const priorities = ['critical', 'normal', 'sheddable'] as const satisfies readonly Priority[]

export const noArrivals: ByPriority = { critical: 0, normal: 0, sheddable: 0 }
export const allPass: ByPriority = { critical: 1, normal: 1, sheddable: 1 }

export function add(a: ByPriority, b: ByPriority): ByPriority {
  return {
    critical: a.critical + b.critical,
    normal: a.normal + b.normal,
    sheddable: a.sheddable + b.sheddable,
  }
}

export function total({ critical, normal, sheddable }: ByPriority): number {
  return critical + normal + sheddable
}

/** What is remembered of who came, after another interval: half of what was, and all that is new. */
export function remember(mix: ByPriority, arrived: ByPriority): ByPriority {
  const older = { critical: mix.critical / 2, normal: mix.normal / 2, sheddable: mix.sheddable / 2 }
  return add(older, arrived)
}

/** The share of each priority that is let through, so that all together are `factor` of what comes. */
export function sharesOf(factor: number, mix: ByPriority): ByPriority {
  if (factor >= 1) return allPass
  // Where nothing is known of who comes, all are taken for normal.
  const known = total(mix) > 0 ? mix : { ...noArrivals, normal: 1 }
  let left = factor * total(known)
  const shares = { ...noArrivals } as { -readonly [Name in Priority]: number }
  for (const name of priorities) {
    const came = known[name]
    shares[name] = came > 0 ? Math.min(1, left / came) : left > 0 ? 1 : 0
    left = Math.max(0, left - came)
  }
  return shares
}
