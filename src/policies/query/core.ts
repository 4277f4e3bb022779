/** Fills in the values of changes. Pure but for what `render` reads; src/http/query-changes.ts carries them out. */
import type { Refusal } from '../../errors/refusal.ts'
import type { Change } from '../../http/changes.ts'

/** The changes with their values, in the same order; the first value that cannot stand in a query refuses all. */
export function renderChanges<Value>(
  changes: readonly Change<Value>[],
  render: (value: Value) => string | Refusal,
): readonly Change<string>[] | Refusal {
  const rendered: Change<string>[] = []
  for (const change of changes) {
    if (change.kind === 'remove' || change.kind === 'rename') {
      rendered.push(change)
      continue
    }
    const value = render(change.value)
    if (typeof value !== 'string') return value
    rendered.push({ kind: change.kind, name: change.name, value })
  }
  return rendered
}
