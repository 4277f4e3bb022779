/** Which status an answer goes out with. Pure. */

export interface StatusMap {
  readonly exact: ReadonlyMap<number, number>
  /** By the first digit. */
  readonly classes: ReadonlyMap<number, number>
}

export function readStatusMap(map: Readonly<Record<string, number>>): StatusMap {
  const exact = new Map<number, number>()
  const classes = new Map<number, number>()
  for (const [key, to] of Object.entries(map)) {
    if (key.endsWith('xx')) classes.set(Number(key[0]), to)
    else exact.set(Number(key), to)
  }
  return { exact, classes }
}

/** The status in the place of this one; null where it stays. Interim answers and 304 always stay. */
export function mapStatus(status: number, { exact, classes }: StatusMap): number | null {
  if (status < 200 || status === 304) return null
  const to = exact.get(status) ?? classes.get(Math.floor(status / 100))
  return to === undefined || to === status ? null : to
}
