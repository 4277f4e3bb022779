/** Purges in memory, known at once to everybody. */
import type { Purge, PurgeSubject, Purges, PurgeView } from '../../cache/answer.ts'

export class MemoryPurges implements Purges {
  readonly #purges: Purge[] = []

  current(_now: number): PurgeView {
    const purges = this.#purges
    return {
      generation: purges.length,
      isPurged: (subject) =>
        purges.slice(subject.generation).some((purge) => matches(purge, subject)),
    }
  }

  async refresh(): Promise<void> {}

  async add(purge: Purge): Promise<number> {
    return this.#purges.push(purge)
  }
}

function matches(purge: Purge, { url, route, tags }: PurgeSubject): boolean {
  return (
    purge.all === true ||
    (purge.urls?.includes(url) ?? false) ||
    (purge.prefixes?.some((prefix) => url.startsWith(prefix)) ?? false) ||
    (purge.routes?.includes(route) ?? false) ||
    (purge.tags?.some((tag) => tags.includes(tag)) ?? false)
  )
}
