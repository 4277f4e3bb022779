/** Limits, buckets and the keys that are met most, as operators see them. */
import type { Claim } from '../buckets/claims.ts'
import type { BucketView } from '../buckets/messages.ts'
import type { BucketShape } from '../buckets/shape.ts'
import type { CountedKey, TopSummary } from '../buckets/top.ts'
import type { TableLimit } from '../config/buckets.ts'

/** A row of the list. */
export function limitView({ id, use, mode, routes, buckets }: TableLimit) {
  const { names, isLocal, shapes } = buckets
  return {
    policy: id,
    use,
    mode,
    routes,
    key: names,
    scope: isLocal ? 'colo' : 'global',
    // Null: each caller has what its plan says.
    limits: shapes?.map(shapeView) ?? null,
  }
}

/** One bucket of a key. */
export function bucketView({ label, shape }: Claim, view: BucketView) {
  const { available, outstanding, isolates, resetsAt } = view
  return {
    bucket: label,
    ...shapeView(shape),
    available,
    outstanding,
    isolates,
    resetsAt: resetsAt === null ? null : new Date(resetsAt).toISOString(),
  }
}

function shapeView(shape: BucketShape) {
  const { kind, limit } = shape
  switch (shape.kind) {
    case 'rate':
      return { kind, limit, windowSeconds: shape.windowMs / 1_000, burst: shape.burst }
    case 'quota': {
      const { period } = shape
      if (period.per !== 'anchored') return { kind, limit, per: period.per }
      const anchor = new Date(period.anchorMs).toISOString()
      return { kind, limit, per: period.per, anchor, everyDays: period.everyDays }
    }
    case 'slots':
      return { kind, limit }
  }
}

/** How many keys of a policy are shown; more are counted, so that these are right. */
const MAX_SHOWN = 20

/** What was met most of a policy. */
export function topView({ total, floor, keys }: TopSummary, isLocal: boolean) {
  const cut = keys[MAX_SHOWN]?.count ?? 0
  return {
    requests: total,
    // A key that is not in the list was met at most so often.
    othersAtMost: Math.max(floor, cut),
    keys: keys.slice(0, MAX_SHOWN).map((one) => keyView(one, isLocal)),
  }
}

function keyView({ key, count, error, refused }: CountedKey, isLocal: boolean) {
  const values = JSON.parse(key) as readonly string[]
  const [colo = null, ...rest] = isLocal ? values : [null, ...values]
  return {
    key: rest,
    ...(isLocal ? { colo } : {}),
    requests: count,
    // So many of them may have been those of other keys.
    overcount: error,
    refused,
  }
}
