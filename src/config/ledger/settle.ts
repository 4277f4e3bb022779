/** Makes the book and KV agree: after a write that stopped half-way, and after one that came past the owner. */
import { copyKey, goodKey, parseTableMetadata, routesKey } from '../table-keys.ts'
import type { Book } from './book.ts'
import type { TableCopies } from './copies.ts'
import { judgeOwnCopy } from './core.ts'

export interface Desk {
  readonly book: Book
  readonly copies: TableCopies
  readonly clock: { now(): number }
  readonly versionOf: (text: string) => Promise<string>
  /** How long KV may show an old copy. */
  readonly staleForMs: number
}

/** False where KV does not answer: then nothing may be decided. */
export async function settle(desk: Desk): Promise<boolean> {
  const { book, copies, clock, staleForMs, versionOf } = desk
  const known = book.ledger.versions.map(({ version }) => version)
  const look = await copies.look(routesKey, known)
  if (look === 'unavailable') return false
  // Without `routes` the book stands: a miss may be an old one, and the next PUT writes the key again.
  if (look.kind !== 'absent') {
    const { version: named, stamp } = parseTableMetadata(look.metadata)
    const text = look.kind === 'read' ? look.text : null
    const version = text === null ? (named ?? '') : await versionOf(text)
    const time = { now: clock.now(), staleForMs }
    const finding = judgeOwnCopy({ version, stamp }, book.ledger, time)
    if (finding === 'foreign' && !(await adopt(desk, { version, text, stamp }))) return false
    if (finding === 'overtaken') await rewrite(desk)
  }
  await abandonPending(desk)
  await deleteDoomed(desk)
  return true
}

/** Takes over what somebody else wrote. Whether it is a sound table is not known here. */
async function adopt(
  { book, copies }: Desk,
  found: { version: string; text: string | null; stamp: number | null },
): Promise<boolean> {
  const { version, text } = found
  const stamp = Math.max(book.ledger.stamp, found.stamp ?? 0)
  const entry = book.entryOf(version)
  if (entry !== null) book.enactAgain(entry)
  else {
    if (text === null) return false
    const routes = countRoutes(text)
    const metadata = { version, stamp, routes }
    if (!(await copies.put(copyKey(version), text, metadata))) return false
    book.enact({ version, text, routes })
  }
  book.change({ stamp })
  return true
}

function countRoutes(text: string): number | null {
  try {
    const { routes } = JSON.parse(text) as { routes?: unknown }
    return Array.isArray(routes) ? routes.length : null
  } catch {
    return null
  }
}

/** Writes the table in force under `routes` again. Without success it stays for a later call. */
async function rewrite({ book, copies }: Desk): Promise<void> {
  const { current } = book.ledger
  const copy = current === null ? null : await copies.get(copyKey(current))
  if (copy === null || copy === 'unavailable') return
  await copies.put(routesKey, copy.text, { ...copy.metadata, stamp: book.restamp() })
}

/** A write that stopped before `routes`: its copy goes, and `routes:good` is the table in force again. */
async function abandonPending({ book, copies }: Desk): Promise<void> {
  const { pending, current, good, stamp } = book.ledger
  if (pending === null) return
  if (good?.version === pending && current !== null && current !== pending) {
    const copy = await copies.get(copyKey(current))
    if (copy === 'unavailable') return
    if (copy !== null) {
      const metadata = { version: current, stamp, build: good.build }
      if (!(await copies.put(goodKey, copy.text, metadata))) return
      book.change({ good: { ...good, version: current } })
    }
  }
  const isListed = book.entryOf(pending) !== null
  const doomed = isListed ? book.ledger.doomed : [...book.ledger.doomed, pending]
  book.change({ pending: null, doomed })
}

/** Deletes the copies of versions that left the list; those that KV does not take stay for a later call. */
export async function deleteDoomed({ book, copies }: Desk): Promise<void> {
  const { doomed } = book.ledger
  if (doomed.length === 0) return
  const gone = await Promise.all(doomed.map((version) => copies.delete(copyKey(version))))
  book.change({ doomed: doomed.filter((_, index) => gone[index] === false) })
}
