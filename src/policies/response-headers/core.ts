/** Turns the changes of a table into edits of the answer's header fields. Pure. */
import type { Change } from '../../http/changes.ts'
import type { AnswerEdit } from '../../pipeline/exchange.ts'

/** The edit for one change whose value is known; field names compare without case. */
export function editFor(change: Change<string>): AnswerEdit {
  switch (change.kind) {
    case 'remove':
      return { kind: 'remove', name: change.name }
    case 'rename':
      return { kind: 'rename', name: change.name, to: change.to }
    case 'set':
      return { kind: 'set', name: change.name, value: change.value }
    case 'add':
      return { kind: 'add', name: change.name, value: change.value }
  }
}
