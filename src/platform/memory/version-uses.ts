/** Who uses which version, in memory: the same book, which can be away. */
import {
  UsesBook,
  type UsesLimits,
  type UsesRow,
  type UsesStorage,
} from '../../buckets/uses/book.ts'
import type { UsesLine, UsesReport, UsesView } from '../../buckets/uses/messages.ts'
import type { Clock, VersionUses } from '../ports.ts'

export class MemoryVersionUses implements VersionUses {
  isAway = false
  /** Every report that arrived. */
  readonly reports: UsesReport[] = []
  readonly #book: UsesBook

  constructor(clock: Clock, limits?: UsesLimits) {
    const storage = new MemoryUsesStorage()
    this.#book = new UsesBook({ clock, storage, ...(limits === undefined ? {} : { limits }) })
  }

  async report(report: UsesReport): Promise<void> {
    this.#throwIfAway()
    this.reports.push(report)
    this.#book.report(structuredClone(report))
  }

  async read(route: string | null): Promise<UsesView> {
    this.#throwIfAway()
    return structuredClone(this.#book.read(route))
  }

  #throwIfAway(): void {
    if (this.isAway) throw new Error('the object cannot be reached')
  }
}

class MemoryUsesStorage implements UsesStorage {
  #rows: UsesRow[] = []

  addTo(row: UsesRow): boolean {
    const index = this.#rows.findIndex((known) => known.day === row.day && isSame(known, row))
    const known = this.#rows[index]
    if (known === undefined) return false
    this.#rows[index] = { ...known, uses: known.uses + row.uses, at: row.at }
    return true
  }

  insert(row: UsesRow): void {
    this.#rows.push(row)
  }

  size(): number {
    return this.#rows.length
  }

  deleteBefore(day: number): void {
    this.#rows = this.#rows.filter((row) => row.day >= day)
  }

  sums(route: string | null, most: number): readonly UsesLine[] {
    const lines: UsesLine[] = []
    for (const row of this.#rows) {
      if (route !== null && row.route !== route) continue
      const index = lines.findIndex((line) => isSame(line, row))
      const { uses = 0, lastSeenAt = 0 } = lines[index] ?? {}
      const line = {
        route: row.route,
        version: row.version,
        caller: row.caller,
        uses: uses + row.uses,
        lastSeenAt: Math.max(lastSeenAt, row.at),
      }
      if (index === -1) lines.push(line)
      else lines[index] = line
    }
    return lines.sort((one, other) => other.lastSeenAt - one.lastSeenAt).slice(0, most)
  }

  firstDay(): number | null {
    return this.#rows.length === 0 ? null : Math.min(...this.#rows.map(({ day }) => day))
  }
}

type Named = Pick<UsesRow, 'route' | 'version' | 'caller'>

function isSame(one: Named, other: Named): boolean {
  return one.route === other.route && one.version === other.version && one.caller === other.caller
}
